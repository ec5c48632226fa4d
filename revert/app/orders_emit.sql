begin;

drop function app.orders_emit() cascade;  -- and its triggers

commit;
