-- Deploy penstock/idempotency_keys
-- requires: penstock/schema
-- Logged, as what it answers for is: after a crash both are there, or neither.

begin;

create table if not exists penstock.idempotency_keys (
    id uuid not null,
    route text not null,
    request uuid not null,
    status integer not null,
    headers text,
    body text,
    xid xid8 not null default pg_current_xact_id(),
    kept_at timestamptz not null default now(),
    constraint idempotency_keys_pkey primary key (id)
);

create index if not exists idempotency_keys_by_age on penstock.idempotency_keys (kept_at);

comment on table penstock.idempotency_keys is
    'Answers to requests that came with an Idempotency-Key, each kept by the transaction that did what was asked; gone after a day.';
comment on column penstock.idempotency_keys.id is
    'A digest of role, route, key and user, see penstock.idempotency_id: nobody gets what was another''s.';
comment on column penstock.idempotency_keys.route is 'What was called: POST /orders.';
comment on column penstock.idempotency_keys.request is
    'A digest of the arguments, by which another request with the same key is told from a repetition.';
comment on column penstock.idempotency_keys.status is 'The HTTP status of the answer.';
comment on column penstock.idempotency_keys.headers is
    'What the function had set as response.headers, or null.';
comment on column penstock.idempotency_keys.body is 'The JSON of the answer; null where it has none.';
comment on column penstock.idempotency_keys.xid is
    'The transaction: what it touched is in penstock.touches for a minute.';
comment on column penstock.idempotency_keys.kept_at is 'When it was answered.';
comment on constraint idempotency_keys_pkey on penstock.idempotency_keys is
    'This request was answered already.';

commit;
