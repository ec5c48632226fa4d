begin;

drop policy webhooks_owner on penstock.webhooks;
drop policy webhooks_agent on penstock.webhooks;
drop policy deliveries_owner on penstock.deliveries;
drop policy deliveries_agent on penstock.deliveries;
drop policy jobs_owner on penstock.jobs;
drop policy jobs_agent on penstock.jobs;

revoke all on penstock.webhooks, penstock.deliveries, penstock.jobs from penstock_agent;

alter table penstock.webhooks disable row level security, no force row level security;
alter table penstock.deliveries disable row level security, no force row level security;
alter table penstock.jobs disable row level security, no force row level security;

commit;
