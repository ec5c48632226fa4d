begin;

call audit.rows_forget('app.order_transitions');

commit;
