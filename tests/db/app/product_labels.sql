begin;

\ir ../house/personas.psql

select plan(4);

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

select pg_temp.be('member', :ada);
select is((select l.name::text from app.product_labels as l where l.id = :xylophone), 'Xylophone', 'an order can name what is off sale');
select columns_are('app', 'product_labels', array['id', 'sku', 'name'], 'and tell nothing else');
select view_owner_is('app', 'product_labels', 'penstock_clerk', 'it reads as the clerk');
select pg_temp.be('anon');
select throws_ok('select from app.product_labels', '42501', null, 'anon has no orders');

select * from finish();

rollback;
