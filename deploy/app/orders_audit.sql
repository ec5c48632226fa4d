-- Deploy app/orders_audit
-- requires: app/orders audit/rows_record audit/rows_forget

begin;

call audit.rows_record('app.orders', ignored => '{updated_at}');

commit;
