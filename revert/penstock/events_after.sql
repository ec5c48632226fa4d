begin;

drop function penstock.events_after(penstock.event_place, integer, text);

commit;
