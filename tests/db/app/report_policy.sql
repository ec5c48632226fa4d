begin;

\ir ../house/personas.psql
\ir ../house/sales.psql
\ir ../house/analysts.psql

select plan(10);

-- What an analyst can do with the tables themselves: nothing
set session authorization :"everywhere";
select throws_ok(format('select from app.%I', t.name), '42501', null, t.name || ' are out of reach')
from unnest(array['users', 'products', 'orders', 'order_lines']) as t (name);
reset session authorization;

-- What the views' owner holds: the columns that reports need
select ok(not has_any_column_privilege('report_owner', 'app.users', 'select'), 'nothing of users');
select ok(not has_schema_privilege('report_owner', 'auth', 'usage'), 'nothing of credentials');
select ok(not has_column_privilege('report_owner', 'app.orders', 'source_invoice', 'select'), 'no invoice');
select is_empty(
    $$select t.name from unnest(array['app.orders', 'app.order_lines', 'app.products']) as t (name)
        where has_any_column_privilege('report_owner', t.name, 'insert, update')
            or has_table_privilege('report_owner', t.name, 'delete, truncate')$$,
    'and it writes nothing'
);

-- A view that somebody makes tomorrow shows an analyst the same rows, also over lines alone.
grant create on schema report to report_owner;
set local role report_owner;
create view report.tomorrow as select l.order_id, l.unit_price from app.order_lines as l;
grant select on report.tomorrow to reporter;
reset role;
set session authorization :"france";
select bag_eq('select unit_price::numeric from report.tomorrow', array[10, 2.5, 2.5, 10]::numeric[], 'the lines of French orders, cancelled or not');
reset session authorization;
set session authorization :"nobody";
select is_empty('select from report.tomorrow', 'and nobody''s');
reset session authorization;

select * from finish();

rollback;
