begin;

drop procedure penstock.job_schedule(text, text, interval, name, interval);

commit;
