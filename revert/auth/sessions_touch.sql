begin;

drop function penstock.touch_auth_sessions() cascade;  -- and its triggers

commit;
