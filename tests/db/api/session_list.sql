begin;

\ir ../house/personas.psql

select plan(7);

-- Signature
select volatility_is('api', 'session_list', '{}'::name[], 'stable');
select is_definer('api', 'session_list', '{}'::name[]);
select function_owner_is('api', 'session_list', '{}'::name[], 'gatekeeper');

-- Behaviour
insert into auth.sessions (user_id, role) values (:ada, 'member') returning id as hers \gset
insert into auth.sessions (user_id, role) values (:bob, 'member') returning id as his \gset
insert into auth.refresh_tokens (token_hash, session_id) values (sha256('a'), :'hers'), (sha256('b'), :'his');

select set_config('request.jwt.claims', format('{"sub": "%s", "sid": "%s"}', :ada, :'hers'), true), set_config('role', 'member', true) \g /dev/null
select results_eq('select id, is_current from api.session_list()', format('values (%L::uuid, true)', :'hers'), 'hers, and that it is this one');
select pg_temp.be('member', :bob);
select results_eq('select id, is_current from api.session_list()', format('values (%L::uuid, false)', :'his'), 'his');
reset role;
update auth.sessions set ended_at = now() where id = :'his';
select pg_temp.be('member', :bob);
select is_empty('select api.session_list()', 'what has ended is not listed');

-- Permission
select is(pg_temp.callers('api.session_list()'), 'member, staff, admin', 'who may');

select * from finish();

rollback;
