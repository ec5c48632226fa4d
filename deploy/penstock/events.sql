-- Deploy penstock/events
-- requires: penstock/schema
-- The primary key is what deliveries are ordered by, the transaction what streams are: see
-- penstock.deliveries_take() and penstock.events_after().

begin;

create table if not exists penstock.events (
    id bigint generated always as identity,
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null default clock_timestamp(),
    message uuid not null default gen_random_uuid(),
    topic text not null,
    payload jsonb not null,
    key text,
    subject text,
    role name,
    constraint events_pkey primary key (id),
    constraint events_topic_is_one check (topic ~ '^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$'),
    constraint events_mail_is_complete check (
        topic <> 'mail' or (
            jsonb_typeof(payload -> 'to') in ('string', 'array')
            and jsonb_typeof(payload -> 'subject') = 'string'
            and jsonb_typeof(payload -> 'text') = 'string'
            and coalesce(jsonb_typeof(payload -> 'html'), 'string') in ('string', 'null')
        ) is true
    ),
    constraint events_mail_subject_is_one_line check (
        topic <> 'mail' or payload ->> 'subject' !~ '[[:cntrl:]]'
    )
);

-- In the order in which they may be shown: all of them, a caller's own, and those of a role.
create index if not exists events_by_place on penstock.events (xid, id);
create index if not exists events_by_subject on penstock.events (subject, xid, id);
create index if not exists events_by_role on penstock.events (role, xid, id);

comment on table penstock.events is
    'What has happened: written by penstock.emit() in the transaction that makes it happen.';
comment on column penstock.events.id is
    'The event''s number. Of two transactions of which one waited for the other, the later one''s is higher.';
comment on column penstock.events.xid is
    'The transaction. One with a lower number may be committed later, so readers wait for those that still run.';
comment on column penstock.events.at is 'When it was said.';
comment on column penstock.events.message is
    'By which receivers know it: every attempt carries it, so what comes twice is known by it.';
comment on column penstock.events.topic is 'What kind of thing it is: order.paid.';
comment on column penstock.events.payload is 'What there is to say of it.';
comment on column penstock.events.key is 'Deliveries with the same key keep their order; null for no order.';
comment on column penstock.events.subject is 'The caller who may see it, as the subject of their tokens; null for none.';
comment on column penstock.events.role is 'The role of which all callers may see it; null for none.';
comment on constraint events_topic_is_one on penstock.events is
    'A topic is made of small letters, digits and underscores, in parts with a dot between: order.paid.';
comment on constraint events_mail_is_complete on penstock.events is
    'A mail has "to" (an address or several), "subject" and "text", and maybe "html".';
comment on constraint events_mail_subject_is_one_line on penstock.events is
    'The subject of a mail is one line.';

commit;
