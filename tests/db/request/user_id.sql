begin;

select plan(11);

-- Signature
select function_returns('request', 'user_id', '{}'::name[], 'bigint');
select volatility_is('request', 'user_id', '{}'::name[], 'stable');

-- Behaviour
create function pg_temp.user_id_for(claims text)
    returns bigint
    language plpgsql
as $$
begin
    perform set_config('request.jwt.claims', user_id_for.claims, true);

    return request.user_id();
end
$$;

select is(pg_temp.user_id_for(''), null, 'without claims: null');
select is(pg_temp.user_id_for('{"sub": "42"}'), 42::bigint, 'the subject as a number');
select is(pg_temp.user_id_for('{"sub": 42}'), 42::bigint, 'also when JSON says it as a number');
select is(pg_temp.user_id_for('{}'), null, 'without a subject: null');
select is(pg_temp.user_id_for('{"sub": "admin"}'), null, 'a subject that is no number is no user');
select is(pg_temp.user_id_for('{"sub": "-1"}'), null, 'nor is a negative one');
select is(pg_temp.user_id_for('{"sub": "9999999999999999999"}'), null, 'nor one that no bigint holds');

-- Permission
select function_privs_are('request', 'user_id', '{}'::name[], 'anon', array['EXECUTE']);
select function_privs_are('request', 'user_id', '{}'::name[], 'reporter', '{}'::name[]);

select * from finish();

rollback;
