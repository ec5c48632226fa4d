begin;

drop function penstock.touch_app_order_lines() cascade;  -- and its triggers

commit;
