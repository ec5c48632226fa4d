-- Deploy app/products_audit
-- requires: app/products audit/rows_record audit/rows_forget

begin;

call audit.rows_record('app.products', ignored => '{search,updated_at}');

commit;
