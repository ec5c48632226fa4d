begin;

drop function api.api_key_revoke(uuid);

commit;
