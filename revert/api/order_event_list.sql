begin;

drop function api.order_event_list(penstock.event_place, api.page_size);

commit;
