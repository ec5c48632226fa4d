begin;

select 'app.stock_take(app.cart_line[])'::regprocedure;

rollback;
