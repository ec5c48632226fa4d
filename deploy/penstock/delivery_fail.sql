-- Deploy penstock/delivery_fail
-- requires: penstock/outbox_policy

begin;

create or replace function penstock.delivery_fail(
    event_id bigint,
    sink text,
    attempt integer,
    error text,
    pause interval default null
)
    returns void
    volatile
    language plpgsql
as $$
declare
    v_key text;
    v_due_at constant timestamptz := clock_timestamp() + delivery_fail.pause;
begin
    -- Unless another has taken it since: then what counts is what comes of that.
    update penstock.deliveries as d
    set due_at = v_due_at,
        dead_at = case when v_due_at is null then clock_timestamp() end,
        error = left(delivery_fail.error, 1000)
    where d.event_id = delivery_fail.event_id
        and d.sink = delivery_fail.sink
        and d.attempts = delivery_fail.attempt
        and d.due_at is not null
    returning d.key into v_key;

    -- Those behind it can't be taken before it: no worker need look at them until then.
    if v_key is not null and v_due_at is not null then
        update penstock.deliveries as d
        set due_at = v_due_at
        where (d.event_id, d.sink) in (
            select behind.event_id, behind.sink
            from penstock.deliveries as behind
            where behind.sink = delivery_fail.sink
                and behind.key = v_key
                and behind.event_id > delivery_fail.event_id
                and behind.due_at < v_due_at
            order by behind.event_id
            limit 1000
            for update skip locked
        );
    end if;
end
$$;

comment on function penstock.delivery_fail(bigint, text, integer, text, interval) is
    'Notes that an attempt failed, and why: it is tried again after the pause, or given up where there is none.';

grant execute on function penstock.delivery_fail(bigint, text, integer, text, interval) to penstock_agent;

commit;
