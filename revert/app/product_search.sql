begin;

drop function app.product_search(app.search_text, app.money, app.money, boolean, boolean);

commit;
