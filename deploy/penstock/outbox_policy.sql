-- Deploy penstock/outbox_policy
-- requires: penstock/webhooks penstock/deliveries penstock/jobs

begin;

alter table penstock.webhooks enable row level security, force row level security;
alter table penstock.deliveries enable row level security, force row level security;
alter table penstock.jobs enable row level security, force row level security;

-- The owner sees everything, and says who is told and what is done.
drop policy if exists webhooks_owner on penstock.webhooks;
create policy webhooks_owner on penstock.webhooks to penstock_owner using (true) with check (true);
drop policy if exists deliveries_owner on penstock.deliveries;
create policy deliveries_owner on penstock.deliveries to penstock_owner using (true) with check (true);
drop policy if exists jobs_owner on penstock.jobs;
create policy jobs_owner on penstock.jobs to penstock_owner using (true) with check (true);

-- The machinery delivers, ends subscriptions that want no more, and notes what it did.
drop policy if exists webhooks_agent on penstock.webhooks;
create policy webhooks_agent on penstock.webhooks to penstock_agent using (true) with check (true);
drop policy if exists deliveries_agent on penstock.deliveries;
create policy deliveries_agent on penstock.deliveries to penstock_agent using (true) with check (true);
drop policy if exists jobs_agent on penstock.jobs;
create policy jobs_agent on penstock.jobs to penstock_agent using (true) with check (true);

grant select, update (ended_at, ended_because) on penstock.webhooks to penstock_agent;
grant select, insert, update, delete on penstock.deliveries to penstock_agent;
grant select, update (due_at, last_run_at, last_seconds, last_error) on penstock.jobs to penstock_agent;

commit;
