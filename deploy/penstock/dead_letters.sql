-- Deploy penstock/dead_letters
-- requires: penstock/outbox_policy penstock/events_policy

begin;

create or replace view penstock.dead_letters
    with (security_invoker = true)
as
select d.event_id, d.sink, d.key, e.topic, e.payload, e.at, d.dead_at, d.attempts, d.error
from penstock.deliveries as d
join penstock.events as e on e.id = d.event_id
where d.dead_at is not null;

comment on view penstock.dead_letters is
    'What was given up: select penstock.delivery_retry(sink, event_id) has it tried again.';
comment on column penstock.dead_letters.event_id is 'The event.';
comment on column penstock.dead_letters.sink is 'Where it did not get to.';
comment on column penstock.dead_letters.key is 'Those with the same key and sink keep their order, but do not wait for a dead one.';
comment on column penstock.dead_letters.topic is 'What kind of event it is.';
comment on column penstock.dead_letters.payload is 'What it says.';
comment on column penstock.dead_letters.at is 'When it was said.';
comment on column penstock.dead_letters.dead_at is 'When it was given up.';
comment on column penstock.dead_letters.attempts is 'After how many attempts.';
comment on column penstock.dead_letters.error is 'What went wrong the last time.';

commit;
