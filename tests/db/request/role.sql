begin;

select plan(7);

-- Signature
select function_returns('request', 'role', '{}'::name[], 'name');
select volatility_is('request', 'role', '{}'::name[], 'stable');

-- Behaviour
select is(request.role(), session_user, 'without set role: who logged in');

set local role member;
select is(request.role(), 'member', 'the role that the request runs as');
reset role;

create function pg_temp.role_inside()
    returns name
    security definer
    language sql
as 'select request.role()';

set local role member;
select is(pg_temp.role_inside(), 'member', 'the same inside a security definer function');
select set_config('request.jwt.claims', '{"role": "admin"}', true);
select is(request.role(), 'member', 'whatever the claims say');
reset role;

-- Permission
select function_privs_are('request', 'role', '{}'::name[], 'anon', array['EXECUTE']);

select * from finish();

rollback;
