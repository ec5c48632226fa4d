begin;

drop function penstock.touch_auth_api_keys() cascade;  -- and its triggers

commit;
