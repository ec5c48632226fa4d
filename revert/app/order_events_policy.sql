begin;

drop policy events_orders_staff on penstock.events;

commit;
