-- Deploy penstock/job_forget
-- requires: penstock/outbox_policy
-- What reverts the changes that call penstock.job_schedule().

begin;

create or replace procedure penstock.job_forget(name text)
    language sql
as $$
    delete from penstock.jobs as j
    where j.name = job_forget.name
$$;

comment on procedure penstock.job_forget(text) is 'Ends a job: it is done no more.';

grant execute on procedure penstock.job_forget(text) to penstock_owner;

commit;
