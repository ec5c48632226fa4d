begin;

\ir ../house/personas.psql
\ir ../house/sales.psql
\ir ../house/recount.psql

select plan(6);

-- Signature
select volatility_is('app', 'sales_rebuild', '{}'::name[], 'volatile');
select isnt_definer('app', 'sales_rebuild', '{}'::name[]);

-- Behaviour
update app.sales_countries set orders = 7;
delete from app.sales_products;
delete from app.sales_moves;
delete from app.sales_line_changes;
insert into app.sales_customers values (-1, '2015-01-01', null);
select isnt_empty('select pg_temp.rollup_faults()', 'roll-ups that went wrong');
set local role penstock_owner;
select app.sales_rebuild();
reset role;
select is_empty('select pg_temp.rollup_faults()', 'are right again');

-- Permission
select is(pg_temp.callers('app.sales_rebuild()'), null, 'no caller may do it');
select ok(not has_function_privilege('penstock_clerk', 'app.sales_rebuild()', 'execute'), 'nor the clerk');

select * from finish();

rollback;
