begin;

call penstock.job_forget('session_prune');

commit;
