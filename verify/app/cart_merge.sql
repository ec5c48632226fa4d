begin;

select 'app.cart_merge(api.order_line_input[])'::regprocedure;

rollback;
