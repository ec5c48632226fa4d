-- Deploy penstock/deliveries
-- requires: penstock/events
-- Where a delivery stands is said by which of three times is set.

begin;

create table if not exists penstock.deliveries (
    event_id bigint not null,
    sink text not null,
    key text,
    attempts integer not null default 0,
    due_at timestamptz default clock_timestamp(),
    delivered_at timestamptz,
    dead_at timestamptz,
    error text,
    constraint deliveries_pkey primary key (event_id, sink),
    constraint deliveries_event_id_fkey foreign key (event_id) references penstock.events (id) on delete cascade,
    constraint deliveries_stands_somewhere check (num_nonnulls(due_at, delivered_at, dead_at) = 1)
) with (
    autovacuum_vacuum_scale_factor = 0.02
);

create index if not exists deliveries_due on penstock.deliveries (due_at) where due_at is not null;
create index if not exists deliveries_in_turn on penstock.deliveries (sink, key, event_id)
    where due_at is not null and key is not null;
create index if not exists deliveries_dead on penstock.deliveries (dead_at) where dead_at is not null;

comment on table penstock.deliveries is
    'What must be delivered where, and what came of it: a row for each event and sink, with attempts of its own.';
comment on column penstock.deliveries.event_id is 'The event.';
comment on column penstock.deliveries.sink is 'Where it goes: mail, or webhook:<id>.';
comment on column penstock.deliveries.key is 'The event''s key: those with the same key and sink go one after another.';
comment on column penstock.deliveries.attempts is 'How often it was tried.';
comment on column penstock.deliveries.due_at is
    'From when on a worker may take it. While one is at it: until when it has to be done, or another may.';
comment on column penstock.deliveries.delivered_at is 'When it was delivered.';
comment on column penstock.deliveries.dead_at is 'When it was given up; penstock.delivery_retry() has it tried again.';
comment on column penstock.deliveries.error is 'What went wrong the last time.';
comment on constraint deliveries_stands_somewhere on penstock.deliveries is
    'A delivery is due, delivered or dead.';
comment on constraint deliveries_event_id_fkey on penstock.deliveries is
    'A delivery is one of an event, and goes with it.';

commit;
