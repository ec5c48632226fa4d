begin;

\ir ../house/personas.psql
\ir ../house/sales.psql

select plan(11);

select app.sales_rebuild();

-- Staff and admins read what the dashboard adds up, and change none of it.
create function pg_temp.readable(role name) returns text language sql as $$
    select string_agg(c.relname, ', ' order by c.relname)
    from pg_class as c
    where c.relnamespace = 'app'::regnamespace
        and c.relname ~ '^sales_'
        and c.relkind in ('r', 'v')
        and has_any_column_privilege(readable.role, c.oid, 'select')
$$;
create function pg_temp.writable(role name) returns text language sql as $$
    select string_agg(c.relname, ', ' order by c.relname)
    from pg_class as c
    where c.relnamespace = 'app'::regnamespace
        and c.relname ~ '^sales_'
        and c.relkind in ('r', 'v')
        and (
            has_any_column_privilege(writable.role, c.oid, 'insert, update')
            or has_table_privilege(writable.role, c.oid, 'delete, truncate')
        )
$$;

select is(
    pg_temp.readable(r.role),
    'sales_blocks, sales_countries, sales_customers, sales_customers_pending, sales_days, sales_pending, sales_products',
    r.role || ' reads the roll-ups and what they lack'
)
from unnest(array['staff', 'admin']) as r (role);
select is(pg_temp.writable(r.role), null, r.role || ' changes nothing')
from unnest(array['staff', 'admin']) as r (role);
select is(
    concat(pg_temp.readable(r.role), pg_temp.writable(r.role)), '', r.role || ' sees nothing of it'
)
from unnest(array['anon', 'member', 'gatekeeper', 'reporter', 'report_owner']) as r (role);

select pg_temp.be('staff', :sam);
select is(
    (select sum(s.revenue) from app.sales_countries as s), 47.49, 'staff see every country'
);
select pg_temp.be('member', :ada);
select throws_ok('select from app.sales_countries', '42501', null, 'members are refused');

select * from finish();

rollback;
