-- Deploy app/order_transitions_audit
-- requires: app/order_transitions audit/rows_record audit/rows_forget

begin;

call audit.rows_record('app.order_transitions');

commit;
