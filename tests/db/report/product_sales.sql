begin;

\ir ../house/personas.psql
\ir ../house/sales.psql
\ir ../house/analysts.psql

select plan(15);

-- Signature: reports are built on these names
select columns_are('report', 'product_sales', array['product_id', 'sku', 'product', 'day', 'country', 'orders', 'units', 'revenue']);
select view_owner_is('report', 'product_sales', 'report_owner', 'whose policies decide what it shows');

set local timezone = 'Pacific/Auckland';

-- An analyst of everything
set session authorization :"everywhere";
select results_eq(
    'select sku, product, day, country, orders, units, revenue from report.product_sales order by sku, day, country',
    $$values
        ('T-BOWL', 'Bowl', '2015-02-28'::date, 'Spain', 1::bigint, 1::bigint, 5.00),
        ('T-BOWL', 'Bowl', '2015-03-01', 'France', 1, 1, 2.50),
        ('T-BOWL', 'Bowl', '2015-03-02', 'France', 1, 4, 10.00),
        ('T-LAMP', 'Lamp', '2015-03-01', 'France', 1, 2, 20.00),
        ('T-LAMP', 'Lamp', '2015-03-01', 'Germany', 1, 1, 9.99)$$,
    'at the price at which it was sold, without the cancelled order'
);
reset session authorization;

-- An analyst of one country
set session authorization :"france";
select results_eq(
    'select sku, day, revenue from report.product_sales order by sku, day',
    $$values ('T-BOWL', '2015-03-01'::date, 2.50), ('T-BOWL', '2015-03-02', 10.00), ('T-LAMP', '2015-03-01', 20.00)$$,
    'one country''s'
);

-- What an analyst may set changes nothing.
set local request.jwt.claims = '{"sub": "1", "role": "admin"}';
set local row_security = on;
set local role reporter;
select is((select count(*) from report.product_sales), 3::bigint, 'neither claims nor a role');
set local role none;

-- Nor can a function of theirs look at rows on their way out.
create temporary table seen (country text);
create function pg_temp.peep(country text) returns boolean cost 0.0001 language plpgsql as $$
begin
    insert into pg_temp.seen values (peep.country);

    return true;
end
$$;
select is((select count(*) from report.product_sales as v where pg_temp.peep(v.country)), 3::bigint, 'a function in the query');
select is_empty('select from pg_temp.seen where country <> ''France''', 'is never shown what is hidden');
reset session authorization;

-- A login that is no analyst, and roles that are none of the analysts'
set session authorization :"nobody";
select is_empty('select from report.product_sales', 'the role alone shows nothing');
reset session authorization;
select is_empty('select from report.product_sales', 'a superuser is no analyst');
select table_privs_are('report', 'product_sales', 'reporter', array['SELECT'], 'reporters read');
select table_privs_are('report', 'product_sales', r.name, '{}'::text[], r.name || ' has no business here')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk']) as r (name);

select * from finish();

rollback;
