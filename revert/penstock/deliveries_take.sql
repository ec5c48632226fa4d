begin;

drop function penstock.deliveries_take(integer, interval, text[]);

commit;
