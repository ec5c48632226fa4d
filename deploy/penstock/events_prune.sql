-- Deploy penstock/events_prune
-- requires: penstock/outbox_policy penstock/events_policy

begin;

create or replace function penstock.events_prune(before timestamptz, dead_before timestamptz)
    returns bigint
    volatile
    language sql
as $$
    with gone as (
        delete from penstock.events as e
        where e.id = any (array(
            select old.id
            from penstock.events as old
            where old.at < events_prune.before
                and not exists (
                    select
                    from penstock.deliveries as d
                    where d.event_id = old.id
                        and (d.due_at is not null or d.dead_at >= events_prune.dead_before)
                )
            limit 20000
        ))
        returning e.id
    )
    select count(*) from gone
$$;

comment on function penstock.events_prune(timestamptz, timestamptz) is
    'Clears away up to 20,000 events from before a moment, with their deliveries: but none that must be delivered yet, nor one that was given up after the second moment; how many.';

grant execute on function penstock.events_prune(timestamptz, timestamptz) to penstock_agent;

commit;
