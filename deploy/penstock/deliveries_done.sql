-- Deploy penstock/deliveries_done
-- requires: penstock/outbox_policy

begin;

create or replace function penstock.deliveries_done(event_ids bigint[], sinks text[])
    returns void
    volatile
    language sql
as $$
    -- Whoever else has taken it meanwhile delivers it once more; that it was delivered stays true.
    update penstock.deliveries as d
    set due_at = null,
        dead_at = null,
        delivered_at = clock_timestamp(),
        error = null
    from unnest(deliveries_done.event_ids, deliveries_done.sinks) as done (event_id, sink)
    where d.event_id = done.event_id
        and d.sink = done.sink
        and d.delivered_at is null
$$;

comment on function penstock.deliveries_done(bigint[], text[]) is 'Notes that these were delivered.';

grant execute on function penstock.deliveries_done(bigint[], text[]) to penstock_agent;

commit;
