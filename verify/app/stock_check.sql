begin;

select 'app.stock_check(app.cart_line[])'::regprocedure;

rollback;
