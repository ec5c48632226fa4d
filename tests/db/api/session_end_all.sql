begin;

\ir ../house/personas.psql

select plan(6);

-- Signature
select volatility_is('api', 'session_end_all', '{}'::name[], 'volatile');
select is_definer('api', 'session_end_all', '{}'::name[]);
select function_owner_is('api', 'session_end_all', '{}'::name[], 'gatekeeper');

-- Behaviour
insert into auth.sessions (user_id, role) values (:ada, 'member') returning id as hers \gset
insert into auth.sessions (user_id, role) values (:bob, 'member') returning id as his \gset
insert into auth.refresh_tokens (token_hash, session_id) values (sha256('a'), :'hers'), (sha256('b'), :'his');

insert into auth.sessions (user_id, role) values (:bob, 'member');
select pg_temp.be('member', :bob);
select lives_ok('select api.session_end_all()', 'all of one''s own');
reset role;
select results_eq('select id from auth.sessions where ended_at is null', format('values (%L::uuid)', :'hers'), 'hers goes on');

-- Permission
select is(pg_temp.callers('api.session_end_all()'), 'member, staff, admin', 'who may');

select * from finish();

rollback;
