begin;

drop function api.import_get(bigint);

commit;
