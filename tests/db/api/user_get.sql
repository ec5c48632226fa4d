begin;

\ir ../house/personas.psql

select plan(13);

-- Signature
select volatility_is('api', 'user_get', array['bigint'], 'stable');
select function_lang_is('api', 'user_get', array['bigint'], 'sql');

-- Behaviour
select pg_temp.be('member', :ada);
select is((select u.username::text from api.user_get(:ada) as u), 'ada', 'members find themselves');
select is_empty(format('select api.user_get(%s)', :bob), 'and nobody else');
select is_empty('select api.user_get(-1)', 'nobody has this number');
select is_empty('select api.user_get(null)', 'null is nobody');

select pg_temp.be('staff', :sam);
select is((select u.email::text from api.user_get(:bob) as u), 'bob@example.org', 'staff find everybody');
select pg_temp.be('admin', :eve);
select is((select u.email::text from api.user_get(:bob) as u), 'bob@example.org', 'and so do admins');
select pg_temp.be('member');
select is_empty(format('select api.user_get(%s)', :ada), 'a member without a subject finds nobody');

-- Speed: the call is planned as the query in its body, by index and with no function in sight.
set local enable_seqscan = off;  -- four rows are read faster without an index
select pg_temp.be('member', :ada);
select matches(pg_temp.plan_of('select * from api.user_get(1)'), 'Index Scan using users_pkey', 'by the primary key');
select doesnt_match(pg_temp.plan_of('select * from api.user_get(1)'), 'Function Scan', 'inlined');

-- Permission
select is(pg_temp.callers('api.user_get(bigint)'), 'member, staff, admin', 'nobody without a token');
select pg_temp.be('anon');
select throws_ok('select api.user_get(1)', '42501', 'permission denied for function user_get', 'anon is refused');

select * from finish();

rollback;
