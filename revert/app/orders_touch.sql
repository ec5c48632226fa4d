begin;

drop function penstock.touch_app_orders() cascade;  -- and its triggers

commit;
