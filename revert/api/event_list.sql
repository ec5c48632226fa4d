begin;

drop function api.event_list(penstock.event_place, api.page_size);

commit;
