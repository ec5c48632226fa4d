begin;

drop function penstock.events_prune(timestamptz, timestamptz);

commit;
