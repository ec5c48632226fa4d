-- Deploy penstock/job_schedule
-- requires: penstock/outbox_policy

begin;

create or replace procedure penstock.job_schedule(
    name text,
    statement text,
    every interval,
    role name default 'penstock_agent',
    timeout interval default '10 minutes'
)
    language sql
as $$
    insert into penstock.jobs (name, statement, every, role, timeout)
    values (job_schedule.name, job_schedule.statement, job_schedule.every, job_schedule.role, job_schedule.timeout)
    on conflict on constraint jobs_pkey do update
    set statement = excluded.statement,
        every = excluded.every,
        role = excluded.role,
        timeout = excluded.timeout,
        due_at = least(jobs.due_at, now() + excluded.every)
$$;

comment on procedure penstock.job_schedule(text, text, interval, name, interval) is
    'Has workers do a statement again and again, as this role; one at a time. Called again, it changes the job.';

grant execute on procedure penstock.job_schedule(text, text, interval, name, interval) to penstock_owner;

commit;
