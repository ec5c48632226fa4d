-- Deploy penstock/webhooks
-- requires: penstock/schema

begin;

create table if not exists penstock.webhooks (
    id bigint generated always as identity,
    url text not null,
    topics text not null,
    -- 32 bytes, of which 30 are dice: there is no pgcrypto here.
    secret text not null default 'whsec_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64'),
    created_at timestamptz not null default now(),
    ended_at timestamptz,
    ended_because text,
    constraint webhooks_pkey primary key (id),
    constraint webhooks_url_is_one check (url ~ '^https?://[^[:space:][:cntrl:]/?#@\\]+(/[!-~]*)?$' and url !~ '#'),
    constraint webhooks_topics_are_some check (topics ~ '^(\*|[a-z][a-z0-9_]*(\.[a-z0-9_]+)*(\.\*)?)$'),
    constraint webhooks_secret_is_one check (secret ~ '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$')
);

comment on table penstock.webhooks is
    'Who is told of events by HTTP. Each gets a delivery of every event whose topic fits, from when the row is there.';
comment on column penstock.webhooks.id is 'The subscription''s number; its sink is webhook:<id>.';
comment on column penstock.webhooks.url is 'Where events are posted to.';
comment on column penstock.webhooks.topics is 'A topic, all that begin with one (order.*), or all (*). Mails are nobody''s.';
comment on column penstock.webhooks.secret is
    'What posts are signed with, as Standard Webhooks has it; tell it the receiver, and nobody else.';
comment on column penstock.webhooks.created_at is 'When it was made.';
comment on column penstock.webhooks.ended_at is 'When it ended; null while it is told.';
comment on column penstock.webhooks.ended_because is 'Why it ended.';
comment on constraint webhooks_url_is_one on penstock.webhooks is
    'The address begins with https:// (or http://), and has neither a user nor a fragment.';
comment on constraint webhooks_topics_are_some on penstock.webhooks is
    'The topics are one (order.paid), all that begin with one (order.*), or all (*).';
comment on constraint webhooks_secret_is_one on penstock.webhooks is
    'A secret is whsec_ and 24 to 64 bytes in Base64.';

commit;
