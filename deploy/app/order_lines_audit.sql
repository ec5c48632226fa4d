-- Deploy app/order_lines_audit
-- requires: app/order_lines audit/rows_record audit/rows_forget

begin;

call audit.rows_record('app.order_lines');

commit;
