begin;

call penstock.job_forget('rate_prune');
call penstock.job_forget('events_prune');
call penstock.job_forget('idempotency_prune');
call penstock.job_forget('long_calls_prune');

commit;
