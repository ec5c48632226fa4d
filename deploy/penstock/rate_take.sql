-- Deploy penstock/rate_take
-- requires: penstock/rate_limits_policy
-- GCRA, as api/rate.py has it for Redis: of each key one moment is kept, at which its quota will
-- be whole again. A call moves it on by seconds / quota, and is refused if that were more than
-- those seconds from now.

begin;

create or replace function penstock.rate_take(keys uuid[], quotas integer[], seconds integer[])
    returns table (admitted boolean, remaining double precision)
    volatile
    language plpgsql
as $$
declare
    v_now timestamptz;
begin
    -- Locks the rows, in one order, lest two calls wait for each other.
    insert into penstock.rate_limits as r (key, whole_at)
    select k.key, '-infinity'
    from unnest(rate_take.keys) as k (key)
    order by k.key
    on conflict (key) do update set whole_at = r.whole_at;

    v_now := clock_timestamp();  -- now() was before whatever we waited for

    return query
    with asked as materialized (
        select
            a.place,
            a.key,
            make_interval(secs => a.seconds::double precision / a.quota) as step,
            -- A clock that was set back must not lock anybody out for longer than a unit.
            least(greatest(r.whole_at, v_now), v_now + make_interval(secs => a.seconds)) as whole_at,
            a.quota - extract(epoch from greatest(r.whole_at, v_now) - v_now)::double precision
            * a.quota / a.seconds as remaining
        from unnest(rate_take.keys, rate_take.quotas, rate_take.seconds)
            with ordinality as a (key, quota, seconds, place)
        join penstock.rate_limits as r on r.key = a.key
    ),
    verdict as materialized (
        -- A millionth, for sums of fractions may lack that of a whole call.
        select bool_and(a.remaining + 0.000001 >= 1) as admitted from asked as a
    ),
    taken as (
        update penstock.rate_limits as r
        set whole_at = a.whole_at + a.step
        from asked as a
        cross join verdict as v
        where v.admitted and r.key = a.key
    )
    select v.admitted, greatest(a.remaining - v.admitted::integer, 0)
    from asked as a
    cross join verdict as v
    order by a.place;
end
$$;

comment on function penstock.rate_take(uuid[], integer[], integer[]) is
    'Counts a call under several keys, each with a quota of calls in so many seconds: under all of them, or under none if one has no call left. A row for each key in their order: whether the call is admitted, and how many remain; a part of a call says how far the next is.';

grant execute on function penstock.rate_take(uuid[], integer[], integer[]) to penstock_agent;

commit;
