begin;

drop table app.order_transitions;

commit;
