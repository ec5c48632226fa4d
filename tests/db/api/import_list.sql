begin;

\ir ../house/personas.psql

select plan(4);

-- Signature
select volatility_is('api', 'import_list', array['api.page_size', 'jsonb'], 'stable');

-- Behaviour
insert into app.imports (made_by, lines, loaded, unchanged, rejected, revenue, new_customers, new_products, new_orders)
select :sam, n, n, 0, 0, 0, 0, 0, 0
from generate_series(1, 3) as n;
select pg_temp.be('staff', :sam);
select results_eq('select lines from api.import_list()', array[3, 2, 1], 'the latest first');
select import_id as second from api.import_list(2) order by import_id limit 1 \gset
select results_eq(
    format('select lines from api.import_list(2, ''{"import_id": %s}'')', :second),
    array[1],
    'the page after'
);

-- Permission
select is(pg_temp.callers('api.import_list(api.page_size, jsonb)'), 'staff, admin', 'staff and admins alone');

select * from finish();

rollback;
