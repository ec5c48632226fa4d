begin;

drop function app.product_search(text, numeric, numeric, boolean, boolean);

commit;
