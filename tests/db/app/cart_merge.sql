begin;

\ir ../house/personas.psql

select plan(7);

create function pg_temp.merged(lines api.order_line_input[]) returns text language sql as
    $$select string_agg(c::text, ' ' order by c.line_no) from unnest(app.cart_merge(merged.lines)) as c$$;

select is(pg_temp.merged(array[row(7, 1)]::api.order_line_input[]), '(1,7,1,)', 'one line');
select is(pg_temp.merged(array[row(9, 1), row(7, 2), row(9, 3)]::api.order_line_input[]), '(1,9,4,) (2,7,2,)', 'one line a product, where it was first named');

select throws_ok('select app.cart_merge(''{}'')', 'PT422', 'The cart is empty: an order has at least one line.', 'empty');
select throws_ok('select app.cart_merge(array_fill(row(1, 1)::api.order_line_input, array[101]))', 'PT422', null, 'too long');
select throws_ok('select app.cart_merge(array[row(null, 1)]::api.order_line_input[])', 'PT422', null, 'no product');
select throws_ok('select app.cart_merge(array[row(1, 1000000), row(1, 1)]::api.order_line_input[])', '23514', null, 'too many together');

select is(pg_temp.callers('app.cart_merge(api.order_line_input[])'), null, 'no caller''s');

select * from finish();

rollback;
