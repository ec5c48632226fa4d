begin;

\ir ../house/personas.psql

select plan(11);

-- Signature
select volatility_is('api', 'user_list', array['api.page_size', 'jsonb', 'boolean'], 'stable');

-- Behaviour
update app.users set is_active = false where id = :bob;

select pg_temp.be('staff', :sam);
select results_eq('select username::text from api.user_list()', array['ada', 'bob', 'sam', 'eve'], 'everybody, in the order of registration');
select results_eq('select username::text from api.user_list(is_active => true)', array['ada', 'sam', 'eve'], 'the active ones');
select results_eq('select username::text from api.user_list(is_active => false)', array['bob'], 'and the others');
select results_eq('select username::text from api.user_list(2)', array['ada', 'bob'], 'a page');
select results_eq(
    format('select username::text from api.user_list(2, %L)', jsonb_build_object('id', :bob)),
    array['sam', 'eve'], 'and the next one'
);
select is_empty(format('select api.user_list(2, %L)', jsonb_build_object('id', :eve)), 'and no more');
select throws_ok('select api.user_list(0)', '23514', null, 'a page of nothing is refused');

set local enable_seqscan = off;  -- four rows are read faster without an index
select matches(
    pg_temp.plan_of('select * from api.user_list(is_active => false)'), 'users_by_state', 'the few have their index'
);
select doesnt_match(pg_temp.plan_of('select * from api.user_list()'), 'Function Scan', 'inlined');

-- Permission
select is(pg_temp.callers('api.user_list(api.page_size, jsonb, boolean)'), 'staff, admin', 'members don''t list members');

select * from finish();

rollback;
