begin;

\ir ../house/personas.psql
\ir ../house/sales.psql
\ir ../house/analysts.psql

select plan(15);

-- Signature: reports are built on these names
select columns_are('report', 'sales_by_day', array['day', 'country', 'orders', 'units', 'revenue']);
select view_owner_is('report', 'sales_by_day', 'report_owner', 'whose policies decide what it shows');

set local timezone = 'Pacific/Auckland';

-- An analyst of everything
set session authorization :"everywhere";
select results_eq(
    'select day, country, orders, units, revenue from report.sales_by_day order by day, country',
    $$values
        ('2015-02-28'::date, 'Spain', 1::bigint, 1::bigint, 5.00),
        ('2015-03-01', 'France', 1, 3, 22.50),
        ('2015-03-01', 'Germany', 1, 1, 9.99),
        ('2015-03-02', 'France', 1, 4, 10.00)$$,
    'days in UTC, without the cancelled order'
);
reset session authorization;

-- An analyst of one country
set session authorization :"france";
select results_eq(
    'select day, country, revenue from report.sales_by_day order by day',
    $$values ('2015-03-01'::date, 'France', 22.50), ('2015-03-02', 'France', 10.00)$$,
    'one country''s'
);

-- What an analyst may set changes nothing.
set local request.jwt.claims = '{"sub": "1", "role": "admin"}';
set local row_security = on;
set local role reporter;
select is((select count(*) from report.sales_by_day), 2::bigint, 'neither claims nor a role');
set local role none;

-- Nor can a function of theirs look at rows on their way out.
create temporary table seen (country text);
create function pg_temp.peep(country text) returns boolean cost 0.0001 language plpgsql as $$
begin
    insert into pg_temp.seen values (peep.country);

    return true;
end
$$;
select is((select count(*) from report.sales_by_day as v where pg_temp.peep(v.country)), 2::bigint, 'a function in the query');
select is_empty('select from pg_temp.seen where country <> ''France''', 'is never shown what is hidden');
reset session authorization;

-- A login that is no analyst, and roles that are none of the analysts'
set session authorization :"nobody";
select is_empty('select from report.sales_by_day', 'the role alone shows nothing');
reset session authorization;
select is_empty('select from report.sales_by_day', 'a superuser is no analyst');
select table_privs_are('report', 'sales_by_day', 'reporter', array['SELECT'], 'reporters read');
select table_privs_are('report', 'sales_by_day', r.name, '{}'::text[], r.name || ' has no business here')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk']) as r (name);

select * from finish();

rollback;
