begin;

\ir ../house/personas.psql
\ir ../house/retail.psql

select plan(10);

-- Signature: it does what its caller may not
select is_definer('app', 'retail_load', '{}'::name[]);
select function_owner_is('app', 'retail_load', '{}'::name[], 'penstock_clerk');

-- Behaviour: of lines of one kind an order has as many as the file that has most of them,
-- whatever the order in which the files come.
insert into app.products (sku, name, price) values ('85123A', 'Heart', 2.55);

create function pg_temp.load(variadic quantities integer[])
    returns integer
    language plpgsql
as $$
begin
    perform set_config('role', 'none', true);
    perform pg_temp.post(variadic array(
        select format('536365,85123A,HEART,%s,2010-12-01 08:26:00,2.55,17850,France', q)
        from unnest(load.quantities) as q
    ));
    perform set_config('role', 'staff', true);
    perform app.retail_stage();

    return (select l.loaded from app.retail_load() as l);
end
$$;

select is(pg_temp.load(6, 6, 1), 3, 'two of a kind and one of another');
select is(pg_temp.load(6, 6, 1), 0, 'the same again');
select is(pg_temp.load(6), 0, 'fewer of them');
select is(pg_temp.load(1, 6, 6, 6), 1, 'one more of a kind');
select is(pg_temp.load(6, 2, 2), 2, 'a new kind, twice');
select results_eq(
    'select quantity::integer, count(*) from app.order_lines group by 1 order by 1',
    'values (1, 1::bigint), (2, 2), (6, 3)',
    'what the order holds in the end'
);
select is(
    (select o.total::numeric from app.orders as o),
    (select sum(l.quantity * l.unit_price) from app.order_lines as l),
    'and comes to'
);

-- Permission
select is(pg_temp.callers('app.retail_load()'), 'staff, admin', 'staff and admins alone');

select * from finish();

rollback;
