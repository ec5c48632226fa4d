-- Deploy penstock/long_calls
-- requires: penstock/schema

begin;

create table if not exists penstock.long_calls (
    id uuid not null,
    role name not null,
    subject text not null,
    request text not null,
    lines bigint not null,
    done bigint not null default 0,
    state text not null default 'running',
    status integer,
    body json,
    begun_at timestamptz not null default now(),
    ended_at timestamptz,
    constraint long_calls_pkey primary key (id),
    constraint long_calls_state_is_known check (state in ('running', 'done', 'failed')),
    constraint long_calls_end_is_whole check (
        (state = 'running') = (ended_at is null) and (state = 'running') = (status is null)
    )
);

create index if not exists long_calls_by_age on penstock.long_calls (begun_at);
create index if not exists long_calls_by_subject on penstock.long_calls (subject);
create index if not exists long_calls_by_role on penstock.long_calls (role, subject);

comment on table penstock.long_calls is
    'Calls that were answered with 202 and went on: long imports. Whoever does one holds an advisory lock until its outcome is here; read them by penstock.long_call_find().';
comment on column penstock.long_calls.id is 'What the call is known by: random, made by the API.';
comment on column penstock.long_calls.role is 'The role of whoever made the call.';
comment on column penstock.long_calls.subject is 'The subject of whoever made the call.';
comment on column penstock.long_calls.request is 'What was called: POST /products/bulk.';
comment on column penstock.long_calls.lines is 'How many lines were sent.';
comment on column penstock.long_calls.done is
    'How many of them the call is through with. Until it has ended this is nothing that was kept.';
comment on column penstock.long_calls.state is
    'running, done (written by the call''s own transaction, so it was committed) or failed.';
comment on column penstock.long_calls.status is 'The HTTP status of the answer; null until there is one.';
comment on column penstock.long_calls.body is 'The answer: what the function said, or a problem.';
comment on column penstock.long_calls.begun_at is 'When all had arrived.';
comment on column penstock.long_calls.ended_at is 'When it was done, or had failed.';
comment on constraint long_calls_pkey on penstock.long_calls is 'There is such a call already.';
comment on constraint long_calls_state_is_known on penstock.long_calls is
    'A call is running, done or failed.';
comment on constraint long_calls_end_is_whole on penstock.long_calls is
    'A call that has ended has a status and a time, and one that runs has neither.';

commit;
