begin;

drop function api.job_get(uuid);

commit;
