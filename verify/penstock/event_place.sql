begin;

select '1-1'::penstock.event_place;

rollback;
