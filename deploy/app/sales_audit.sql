-- Deploy app/sales_audit
-- requires: app/sales_moves app/sales_line_changes app/sales_days app/sales_countries app/sales_products app/sales_blocks app/sales_customers audit/rows_skip

begin;

call audit.rows_skip('app.sales_moves', 'Follows from app.orders.');
call audit.rows_skip('app.sales_line_changes', 'Follows from app.order_lines.');
call audit.rows_skip('app.sales_days', 'A roll-up of orders and their lines.');
call audit.rows_skip('app.sales_countries', 'A roll-up of orders and their lines.');
call audit.rows_skip('app.sales_products', 'A roll-up of orders and their lines.');
call audit.rows_skip('app.sales_blocks', 'A roll-up of orders and their lines.');
call audit.rows_skip('app.sales_customers', 'A roll-up of orders and their lines.');

commit;
