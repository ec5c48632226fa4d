-- Deploy penstock/emit
-- requires: penstock/events_policy penstock/outbox_policy penstock/touch
-- All in the transaction: what is rolled back has told nobody.

begin;

create or replace function penstock.emit(
    topic text,
    payload jsonb,
    key text default null,
    subject text default null,
    role name default null
)
    returns bigint
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
declare
    v_id bigint;
begin
    insert into penstock.events as e (topic, payload, key, subject, role)
    values (emit.topic, emit.payload, emit.key, emit.subject, emit.role)
    returning e.id into v_id;

    if emit.topic = 'mail' then
        insert into penstock.deliveries (event_id, sink, key)
        values (v_id, 'mail', emit.key);

        return v_id;
    end if;

    insert into penstock.deliveries (event_id, sink, key)
    select v_id, 'webhook:' || w.id, emit.key
    from penstock.webhooks as w
    where w.ended_at is null
        and (
            w.topics = emit.topic
            or (right(w.topics, 1) = '*' and starts_with(emit.topic, rtrim(w.topics, '*')))
        );

    -- Whoever may see it is looked up again, by the API processes that hold their streams.
    perform penstock.touch(
        variadic array_remove(array['events', 'events_of:' || emit.subject, 'events_for:' || emit.role], null)
    );

    return v_id;
end
$$;

-- Belongs to the agent, who alone may write events; whoever makes something happen says so.
grant create on schema penstock to penstock_agent;
alter function penstock.emit(text, jsonb, text, text, name) owner to penstock_agent;
revoke create on schema penstock from penstock_agent;

comment on function penstock.emit(text, jsonb, text, text, name) is
    'Says that something has happened, once this transaction is committed; the event''s number. It goes to every webhook whose topics fit (and, of the topic mail, by mail), those with the same key one after another; and it is shown to the caller with this subject, and to those of this role.';

grant execute on function penstock.emit(text, jsonb, text, text, name)
    to anon, member, staff, admin, gatekeeper, penstock_clerk, penstock_owner;

commit;
