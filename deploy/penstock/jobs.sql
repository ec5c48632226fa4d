-- Deploy penstock/jobs
-- requires: penstock/schema

begin;

create table if not exists penstock.jobs (
    name text not null,
    statement text not null,
    every interval not null,
    role name not null default 'penstock_agent',
    timeout interval not null default '10 minutes',
    due_at timestamptz not null default now(),
    last_run_at timestamptz,
    last_seconds double precision,
    last_error text,
    constraint jobs_pkey primary key (name),
    constraint jobs_every_is_a_while check (every >= '1 second'),
    constraint jobs_timeout_is_a_while check (timeout between '1 second' and '1 day')
);

comment on table penstock.jobs is
    'What workers do again and again: kept by penstock.job_schedule() and penstock.job_forget().';
comment on column penstock.jobs.name is 'The job''s name.';
comment on column penstock.jobs.statement is 'What is done: one statement, in a transaction of its own.';
comment on column penstock.jobs.every is 'How long after its begin it is done again.';
comment on column penstock.jobs.role is 'The role that does it; one that the API''s login may become.';
comment on column penstock.jobs.timeout is 'How long it may take.';
comment on column penstock.jobs.due_at is 'When it is done next.';
comment on column penstock.jobs.last_run_at is 'When it was done last, well or not.';
comment on column penstock.jobs.last_seconds is 'How many seconds that took.';
comment on column penstock.jobs.last_error is 'What went wrong then; null if nothing did.';
comment on constraint jobs_every_is_a_while on penstock.jobs is 'A job is done every second at most.';
comment on constraint jobs_timeout_is_a_while on penstock.jobs is 'A job takes a second to a day.';

commit;
