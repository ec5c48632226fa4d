begin;

drop function api.me_get();

commit;
