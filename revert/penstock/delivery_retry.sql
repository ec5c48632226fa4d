begin;

drop function penstock.delivery_retry(text, bigint);

commit;
