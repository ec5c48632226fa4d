begin;

drop function app.customer_find(integer[]);

commit;
