begin;

drop function penstock.deliveries_done(bigint[], text[]);

commit;
