-- Deploy penstock/deliveries_take
-- requires: penstock/outbox_policy penstock/events_policy
-- What is taken is nobody else's until the lease ends: no transaction stays open while mails are
-- sent, for streams would wait for it (see penstock.events_after), and a worker that dies leaves
-- nothing behind but a lease.
--
-- The order of a key is that of the events' numbers. Where two transactions with one key wait for
-- each other, as they do that change the same row, the later one's number is higher, and the other
-- one is committed by then. Where they don't, neither comes first.

begin;

create or replace function penstock.deliveries_take("limit" integer, lease interval, skipped text[] default '{}')
    returns table (
        event_id bigint,
        sink text,
        attempt integer,
        message uuid,
        at timestamptz,
        topic text,
        payload text,
        url text,
        secret text
    )
    volatile
    language sql
as $$
    with due as (
        select d.event_id, d.sink
        from penstock.deliveries as d
        where d.due_at <= clock_timestamp()
            and d.sink <> all (deliveries_take.skipped)
            and (
                d.key is null
                or not exists (
                    select
                    from penstock.deliveries as before
                    where before.sink = d.sink
                        and before.key = d.key
                        and before.event_id < d.event_id
                        and before.due_at is not null
                )
            )
        order by d.due_at
        limit deliveries_take."limit"
        for update of d skip locked
    ),
    taken as (
        update penstock.deliveries as d
        set attempts = d.attempts + 1,
            due_at = clock_timestamp() + deliveries_take.lease
        from due
        where d.event_id = due.event_id
            and d.sink = due.sink
        returning d.event_id, d.sink, d.attempts
    )
    select t.event_id, t.sink, t.attempts, e.message, e.at, e.topic, e.payload::text, w.url, w.secret
    from taken as t
    join penstock.events as e on e.id = t.event_id
    left join penstock.webhooks as w on 'webhook:' || w.id = t.sink and w.ended_at is null
    order by t.event_id
$$;

comment on function penstock.deliveries_take(integer, interval, text[]) is
    'Takes deliveries that are due, but for those to the skipped sinks: for as long as the lease, then others may. None is taken while an earlier one with its key and sink is not delivered yet.';

grant execute on function penstock.deliveries_take(integer, interval, text[]) to penstock_agent;

commit;
