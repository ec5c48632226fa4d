-- Deploy penstock/webhook_end
-- requires: penstock/outbox_policy

begin;

create or replace function penstock.webhook_end(sink text, because text)
    returns void
    volatile
    language sql
as $$
    update penstock.webhooks as w
    set ended_at = clock_timestamp(),
        ended_because = webhook_end.because
    where 'webhook:' || w.id = webhook_end.sink
        and w.ended_at is null;

    update penstock.deliveries as d
    set due_at = null,
        dead_at = clock_timestamp(),
        error = webhook_end.because
    where d.sink = webhook_end.sink
        and d.due_at is not null
$$;

comment on function penstock.webhook_end(text, text) is
    'Ends a subscription: it is told no more, and what it has not been told is given up.';

grant execute on function penstock.webhook_end(text, text) to penstock_agent, penstock_owner;

commit;
