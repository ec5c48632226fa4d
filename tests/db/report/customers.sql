begin;

\ir ../house/personas.psql
\ir ../house/sales.psql
\ir ../house/analysts.psql

select plan(15);

-- Signature: reports are built on these names
select columns_are('report', 'customers', array['customer_id', 'country', 'first_order_on', 'last_order_on', 'orders', 'units', 'revenue', 'average_order']);
select view_owner_is('report', 'customers', 'report_owner', 'whose policies decide what it shows');

set local timezone = 'Pacific/Auckland';

-- An analyst of everything
set session authorization :"everywhere";
select results_eq(
    'select customer_id, country, first_order_on, last_order_on, orders, units, revenue, average_order from report.customers order by customer_id',
    format(
        $$values
            (%s::bigint, 'Germany', '2015-03-01'::date, '2015-03-01'::date, 2::bigint, 4::bigint, 32.49, 16.25),
            (%s, 'France', '2015-02-28', '2015-03-02', 2, 5, 15.00, 7.50)$$,
        :ada, :bob
    ),
    'everybody who bought, without the cancelled order'
);
reset session authorization;

-- An analyst of one country
set session authorization :"france";
select results_eq(
    'select customer_id, country, orders, revenue from report.customers order by customer_id',
    format($$values (%s::bigint, 'France', 1::bigint, 22.50), (%s, 'France', 1, 10.00)$$, :ada, :bob),
    'what was bought in one country'
);

-- What an analyst may set changes nothing.
set local request.jwt.claims = '{"sub": "1", "role": "admin"}';
set local row_security = on;
set local role reporter;
select is((select count(*) from report.customers), 2::bigint, 'neither claims nor a role');
set local role none;

-- Nor can a function of theirs look at rows on their way out.
create temporary table seen (country text);
create function pg_temp.peep(country text) returns boolean cost 0.0001 language plpgsql as $$
begin
    insert into pg_temp.seen values (peep.country);

    return true;
end
$$;
select is((select count(*) from report.customers as v where pg_temp.peep(v.country)), 2::bigint, 'a function in the query');
select is_empty('select from pg_temp.seen where country <> ''France''', 'is never shown what is hidden');
reset session authorization;

-- A login that is no analyst, and roles that are none of the analysts'
set session authorization :"nobody";
select is_empty('select from report.customers', 'the role alone shows nothing');
reset session authorization;
select is_empty('select from report.customers', 'a superuser is no analyst');
select table_privs_are('report', 'customers', 'reporter', array['SELECT'], 'reporters read');
select table_privs_are('report', 'customers', r.name, '{}'::text[], r.name || ' has no business here')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk']) as r (name);

select * from finish();

rollback;
