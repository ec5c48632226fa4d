-- Deploy app/order_lines_touch
-- requires: app/order_lines penstock/rows_tag

begin;

call penstock.rows_tag('app.order_lines', 'order_lines', 'order:{order_id}');

commit;
