begin;

drop domain penstock.event_place;

commit;
