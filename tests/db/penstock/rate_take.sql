begin;

\ir ../house/personas.psql

select plan(18);

create function pg_temp.key(number integer) returns uuid language sql as $$
    select ('00000000-0000-0000-0000-00000000000' || number)::uuid
$$;
-- Takes one call of so many an hour: nothing comes back while this file runs.
create function pg_temp.take(number integer, quota integer) returns table (admitted boolean, remaining integer)
language sql as $$
    select t.admitted, floor(t.remaining + 0.001)::integer
    from penstock.rate_take(array[pg_temp.key(number)], array[quota], array[3600]) as t
$$;

-- Signature
select volatility_is('penstock', 'rate_take', array['uuid[]', 'integer[]', 'integer[]'], 'volatile');
select isnt_definer('penstock', 'rate_take', array['uuid[]', 'integer[]', 'integer[]']);

-- Behaviour
select results_eq('select * from pg_temp.take(1, 3)', 'values (true, 2)', 'the first of three leaves two');
select results_eq('select * from pg_temp.take(1, 3)', 'values (true, 1)', 'the second one');
select results_eq('select * from pg_temp.take(1, 3)', 'values (true, 0)', 'the third none');
select results_eq('select * from pg_temp.take(1, 3)', 'values (false, 0)', 'the fourth is refused');
select results_eq('select * from pg_temp.take(2, 3)', 'values (true, 2)', 'another key has its own');

-- A refused call moves nothing: who is refused for long is not refused for longer.
create temp table before as select whole_at from penstock.rate_limits where key = pg_temp.key(1);
select * from pg_temp.take(1, 3);
select results_eq(
    'select whole_at from penstock.rate_limits where key = pg_temp.key(1)', 'table before',
    'what is refused is not counted'
);

-- A third of the hour later there is one more, and a part that is not yet a call.
update penstock.rate_limits set whole_at = whole_at - interval '21 minutes' where key = pg_temp.key(1);
select is(t.remaining > 0.04 and t.remaining < 0.06, true, 'the part of a call that is left says how far the next is')
from penstock.rate_take(array[pg_temp.key(1)], array[3], array[3600]) as t;
select results_eq('select admitted from pg_temp.take(1, 3)', 'values (false)', 'one came back, not more');

-- What is whole for long is no more than whole.
update penstock.rate_limits set whole_at = clock_timestamp() - interval '1 year' where key = pg_temp.key(1);
select results_eq('select * from pg_temp.take(1, 3)', 'values (true, 2)', 'nobody saves up');

-- A clock that was set back.
update penstock.rate_limits set whole_at = clock_timestamp() + interval '1 year' where key = pg_temp.key(1);
select is(
    (select t.remaining from penstock.rate_take(array[pg_temp.key(1)], array[3], array[3600]) as t), 0::double precision,
    'nobody is locked out for longer than the unit'
);

-- Two rates: one call counts under both, or under none.
select results_eq(
    $$
        select t.admitted, floor(t.remaining + 0.001)
        from penstock.rate_take(array[pg_temp.key(4), pg_temp.key(3)], array[9, 1], array[3600, 60]) as t
    $$,
    'values (true, 8::double precision), (true, 0)', 'rows come in the order of the keys'
);
select results_eq(
    $$
        select t.admitted, floor(t.remaining + 0.001)
        from penstock.rate_take(array[pg_temp.key(4), pg_temp.key(3)], array[9, 1], array[3600, 60]) as t
    $$,
    'values (false, 8::double precision), (false, 0)', 'what one refuses the other does not count'
);

-- Many calls at once are exactly the quota.
select is(
    (select count(*) from generate_series(1, 50) as n cross join lateral pg_temp.take(5, 7 + 0 * n) as t where t.admitted),
    7::bigint, 'seven of fifty'
);

-- Permission
select function_privs_are(
    'penstock', 'rate_take', array['uuid[]', 'integer[]', 'integer[]'], 'penstock_agent', array['EXECUTE']
);
select pg_temp.be('member');
select throws_ok(
    $$select penstock.rate_take(array[gen_random_uuid()], array[1], array[1])$$, '42501', null, 'nobody counts by hand'
);
select throws_ok('select * from penstock.rate_limits', '42501', null, 'nor looks whom was counted');

select * from finish();

rollback;
