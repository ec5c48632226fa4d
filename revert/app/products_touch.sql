begin;

drop function penstock.touch_app_products() cascade;  -- and its triggers

commit;
