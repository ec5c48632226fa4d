-- Deploy auth/session_prune_job
-- requires: auth/session_prune penstock/job_schedule
-- As long as a session may last, and as long again to see that it was there.

begin;

call penstock.job_schedule(
    'session_prune',
    $$select auth.session_prune(now() - interval '180 days')$$,
    '1 hour',
    role => 'gatekeeper'
);

commit;
