begin;

drop procedure penstock.job_forget(text);

commit;
