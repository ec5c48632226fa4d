begin;

call audit.rows_forget('app.sales_moves');
call audit.rows_forget('app.sales_line_changes');
call audit.rows_forget('app.sales_days');
call audit.rows_forget('app.sales_countries');
call audit.rows_forget('app.sales_products');
call audit.rows_forget('app.sales_blocks');
call audit.rows_forget('app.sales_customers');

commit;
