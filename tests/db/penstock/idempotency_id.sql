begin;

\ir ../house/personas.psql

select plan(7);

create function pg_temp.id(role name, subject text, route text, key text) returns uuid language plpgsql as $$
declare
    v_id uuid;
begin
    perform set_config('role', role, true);
    perform set_config(
        'request.jwt.claims', case when subject is null then '' else json_build_object('sub', subject)::text end, true
    );
    perform set_config('role', 'none', true);
    perform set_config('role', 'penstock_agent', true);
    v_id := penstock.idempotency_id(route, key);
    perform set_config('role', 'none', true);
    return v_id;
end
$$;

-- Signature
select volatility_is('penstock', 'idempotency_id', array['text', 'text'], 'stable');
select isnt_definer('penstock', 'idempotency_id', array['text', 'text']);

-- Behaviour
select is(pg_temp.id('member', '1', 'POST /a', 'k'), pg_temp.id('member', '1', 'POST /a', 'k'), 'the same is the same');
select isnt(pg_temp.id('member', '1', 'POST /a', 'k'), pg_temp.id('member', '2', 'POST /a', 'k'), 'each user has their own');
select isnt(
    pg_temp.id('member', '1', 'POST /a', 'k'), pg_temp.id('member', e'k\n1', 'POST /a', 'x'), 'nobody can be called so that it is another''s'
);
select isnt(pg_temp.id('member', '1', 'POST /a', 'k'), pg_temp.id('member', '1', 'POST /b', 'k'), 'so has each route');

-- Permission
select function_privs_are('penstock', 'idempotency_id', array['text', 'text'], 'penstock_agent', array['EXECUTE']);

select * from finish();

rollback;
