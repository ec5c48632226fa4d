begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select volatility_is('api', 'session_end', array['uuid'], 'volatile');
select is_definer('api', 'session_end', array['uuid']);
select function_owner_is('api', 'session_end', array['uuid'], 'gatekeeper');

-- Behaviour
insert into auth.sessions (user_id, role) values (:ada, 'member') returning id as hers \gset
insert into auth.sessions (user_id, role) values (:bob, 'member') returning id as his \gset
insert into auth.refresh_tokens (token_hash, session_id) values (sha256('a'), :'hers'), (sha256('b'), :'his');

select pg_temp.be('member', :bob);
select is(pg_temp.refusal(format('select api.session_end(%L)', :'hers')), format('P0002: You have no session %s.', :'hers'), 'not that of another');
select lives_ok(format('select api.session_end(%L)', :'his'), 'one''s own');
select is(pg_temp.refusal(format('select api.session_end(%L)', :'his')), format('P0002: You have no session %s.', :'his'), 'once');
reset role;
select results_eq('select id from auth.sessions where ended_at is null', format('values (%L::uuid)', :'hers'), 'hers goes on');

-- Permission
select is(pg_temp.callers('api.session_end(uuid)'), 'member, staff, admin', 'who may');

select * from finish();

rollback;
