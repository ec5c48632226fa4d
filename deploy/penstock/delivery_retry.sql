-- Deploy penstock/delivery_retry
-- requires: penstock/outbox_policy

begin;

create or replace function penstock.delivery_retry(sink text default null, event_id bigint default null)
    returns bigint
    volatile
    language sql
as $$
    with again as (
        update penstock.deliveries as d
        set dead_at = null,
            due_at = clock_timestamp(),
            attempts = 0
        where d.dead_at is not null
            and d.sink = coalesce(delivery_retry.sink, d.sink)
            and d.event_id = coalesce(delivery_retry.event_id, d.event_id)
        returning d.event_id
    )
    select count(*) from again
$$;

comment on function penstock.delivery_retry(text, bigint) is
    'Has what was given up tried again: all of it, that of a sink, or one; how many. Those behind it with the same key may have been delivered by now.';

grant execute on function penstock.delivery_retry(text, bigint) to penstock_agent, penstock_owner;

commit;
