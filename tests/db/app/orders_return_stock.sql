begin;

\ir ../house/personas.psql

select plan(6);

-- Three products for sale and one that is not.
insert into app.products (sku, name, description, price, stock, is_active, created_at)
values
    ('L1', 'Lantern', 'Made of glass', 5.00, 10, true, '2024-01-01'),
    ('C1', 'Candle', 'Burns in a lantern', 1.50, 100, true, '2024-01-03'),
    ('M1', 'Matches', '', 0.50, 3, true, '2024-01-02'),
    ('X1', 'Xylophone', 'A lantern of sound', 50.00, 1, false, '2024-01-04');
select
    max(p.id) filter (where p.sku = 'L1') as lantern,
    max(p.id) filter (where p.sku = 'C1') as candle,
    max(p.id) filter (where p.sku = 'M1') as matches,
    max(p.id) filter (where p.sku = 'X1') as xylophone
from app.products as p
\gset

-- ada orders two lanterns and a candle; bob one lantern.
select pg_temp.be('member', :ada);
select o.id as hers
from api.order_place(array[row(:lantern, 2), row(:candle, 1)]::api.order_line_input[], 'France') as o
\gset
select pg_temp.be('member', :bob);
select o.id as his
from api.order_place(array[row(:lantern, 1)]::api.order_line_input[], 'Spain') as o
\gset

select is_definer('app', 'orders_return_stock', '{}'::name[]);
select function_owner_is('app', 'orders_return_stock', '{}'::name[], 'penstock_clerk');

-- Whoever cancels, by whatever path
select pg_temp.be('penstock_owner');
select lives_ok(format('update app.orders set status = ''cancelled'' where id = %s', :hers), 'a deployment cancels an order');
select results_eq(
    'select sku::text, stock::integer from app.products where stock <> 0 order by sku',
    $$values ('C1', 100), ('L1', 9), ('M1', 3), ('X1', 1)$$, 'its stock is given back'
);

-- Imported orders are history.
insert into app.orders (user_id, country, total, source_invoice) values (:ada, 'France', 5, '536365') returning id as imported \gset
insert into app.order_lines values (:imported, 1, :lantern, 1, 5);
select lives_ok(format('update app.orders set status = ''cancelled'' where id = %s', :imported), 'an imported order is cancelled');
select is((select p.stock::integer from app.products as p where p.id = :lantern), 9, 'it took no stock and gives none back');

select * from finish();

rollback;
