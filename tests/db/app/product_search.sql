begin;

\ir ../house/personas.psql

select plan(5);

-- Each order of the list comes straight from its index, and a search from its own.
insert into app.products (sku, name, price)
select 'P' || i, 'Product ' || md5(i::text), i % 100
from generate_series(1, 5000) as i;
analyze app.products;

select pg_temp.be('penstock_clerk');
select matches(
    pg_temp.plan_of('select * from app.product_search(null, null, null, null, false) as p order by p.name, p.id limit 20'),
    'Index Scan using products_by_name', 'by name'
);
select matches(
    pg_temp.plan_of('select * from app.product_search(null, null, null, null, false) as p order by p.price, p.id limit 20'),
    'Index Scan using products_by_price', 'by price'
);
select matches(
    pg_temp.plan_of('select * from app.product_search(null, null, null, null, false) as p order by p.created_at desc, p.id desc limit 20'),
    'Index Scan using products_by_age', 'by age'
);
set local enable_seqscan = off;  -- whether the index can be used, not whether it pays here
set local enable_indexscan = off;
select matches(
    pg_temp.plan_of($$select * from app.product_search('p77', null, null, null, false) as p order by p.name, p.id limit 20$$),
    'Bitmap Index Scan on products_search', 'a search'
);

-- The reason why api.product_list belongs to the clerk: behind a member's policy it could not.
reset role;
grant execute on function app.product_search(text, numeric, numeric, boolean, boolean) to member;
grant execute on function app.search_query(text) to member;
select pg_temp.be('member', :ada);
select doesnt_match(
    pg_temp.plan_of($$select * from app.product_search('p77', null, null, null, false) as p order by p.name, p.id limit 20$$),
    'products_search', 'text search is not leakproof, so a policy keeps it from its index'
);

select * from finish();

rollback;
