-- Deploy app/products_touch
-- requires: app/products penstock/rows_tag

begin;

call penstock.rows_tag('app.products', 'products', 'product:{id}');

commit;
