begin;

select 'cancelled'::app.order_status;

rollback;
