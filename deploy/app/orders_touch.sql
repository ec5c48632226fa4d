-- Deploy app/orders_touch
-- requires: app/orders penstock/rows_tag

begin;

call penstock.rows_tag('app.orders', 'orders', 'order:{id}');

commit;
