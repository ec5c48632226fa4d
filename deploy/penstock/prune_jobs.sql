-- Deploy penstock/prune_jobs
-- requires: penstock/job_schedule penstock/job_forget penstock/events_prune penstock/rate_prune penstock/idempotency_prune penstock/long_calls_prune
-- The machinery's own jobs. How long events are kept is how long a stream may be away.

begin;

call penstock.job_schedule('rate_prune', 'select penstock.rate_prune()', '1 minute');
call penstock.job_schedule(
    'events_prune',
    $$select penstock.events_prune(now() - interval '7 days', now() - interval '30 days')$$,
    '1 minute'
);
call penstock.job_schedule('idempotency_prune', 'select penstock.idempotency_prune()', '1 minute');
call penstock.job_schedule('long_calls_prune', 'select penstock.long_calls_prune()', '1 hour');

commit;
