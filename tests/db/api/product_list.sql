begin;

\ir ../house/personas.psql

select plan(26);

-- Signature
select volatility_is('api', 'product_list', array['api.page_size', 'jsonb', 'api.product_sort', 'app.search_text', 'app.money', 'app.money', 'boolean'], 'stable');
select is_definer('api', 'product_list', array['api.page_size', 'jsonb', 'api.product_sort', 'app.search_text', 'app.money', 'app.money', 'boolean']);
select function_owner_is('api', 'product_list', array['api.page_size', 'jsonb', 'api.product_sort', 'app.search_text', 'app.money', 'app.money', 'boolean'], 'penstock_clerk');

-- Behaviour
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

create function pg_temp.skus(arguments text default '')
    returns text
    language plpgsql
as $$
declare
    v_skus text;
begin
    execute format('select string_agg(p.sku, '' '') from api.product_list(%s) as p', skus.arguments) into v_skus;

    return v_skus;
end
$$;

-- The three orders, each in pages of one that meet without a gap.
create function pg_temp.walk(sort api.product_sort)
    returns text
    language sql
as $$
    with recursive page as (
        select to_jsonb(p) as row, 1 as number
        from api.product_list(1, null, walk.sort) as p
        union all
        select to_jsonb(p), page.number + 1
        from page
        cross join lateral api.product_list(1, page.row, walk.sort) as p
    )
    select string_agg(page.row ->> 'sku', ' ' order by page.number) from page
$$;

select pg_temp.be('anon');
select is(pg_temp.skus(), 'C1 L1 M1', 'what is for sale, by name');
select is(pg_temp.skus($$sort => 'price'$$), 'M1 C1 L1', 'the cheapest first');
select is(pg_temp.skus($$sort => 'newest'$$), 'C1 M1 L1', 'the newest first');
select is(pg_temp.walk('name'), 'C1 L1 M1', 'page by page, by name');
select is(pg_temp.walk('price'), 'M1 C1 L1', 'by price');
select is(pg_temp.walk('newest'), 'C1 M1 L1', 'by age');
select is(pg_temp.skus('price_from => 1.50'), 'C1 L1', 'from a price, with it');
select is(pg_temp.skus('price_to => 1.50'), 'C1 M1', 'up to a price, with it');
select is(pg_temp.skus($$search => 'lanterns'$$), 'C1 L1', 'in name and description, whatever the ending');
select is(pg_temp.skus($$search => 'lantern -glass'$$), 'C1', 'without a word');
select is(pg_temp.skus($$search => 'm1'$$), 'M1', 'by SKU');
select is(pg_temp.skus($$search => 'the'$$), null, 'a word that says nothing finds nothing');
select is(pg_temp.skus($$search => '"unbalanced & | !'$$), null, 'odd marks are no error');

-- The function belongs to the clerk, who sees everything: what is off sale stays out all the same.
select is(pg_temp.skus('is_active => false'), null, 'anon doesn''t see what is not for sale');
select is(pg_temp.skus($$search => 'sound'$$), null, 'nor finds it');
select pg_temp.be('member', :ada);
select is(pg_temp.skus('is_active => false'), null, 'nor does a member');
select pg_temp.be('staff', :sam);
select is(pg_temp.skus(), 'C1 L1 M1 X1', 'staff see it');
select is(pg_temp.skus('is_active => false'), 'X1', 'alone, if they like');
select is(pg_temp.skus('is_active => true'), 'C1 L1 M1', 'or without');

-- Errors
select throws_ok($$select api.product_list(sort => 'stock')$$, '22P02', null, 'there is no such order');
select throws_ok('select api.product_list(101)', '23514', null, 'a page has its limit');
select throws_ok('select api.product_list(price_from => -1)', '23514', null, 'no price is negative');

-- Permission
select is(pg_temp.callers('api.product_list(api.page_size, jsonb, api.product_sort, app.search_text, app.money, app.money, boolean)'),
    'anon, member, staff, admin', 'everybody');

select * from finish();

rollback;
