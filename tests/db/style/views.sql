begin;

select plan(3);

-- A view reads as its owner: rows that policies hide from the caller would show. So the owner is
-- a narrow role, with policies of its own, or the view runs as the caller.
create function pg_temp.unguarded() returns setof text language sql as $$
    select c.oid::regclass::text
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname in ('app', 'api', 'auth', 'report', 'audit')
        and c.relkind in ('v', 'm')
        and pg_get_userbyid(c.relowner) not in ('penstock_clerk', 'report_owner')
        and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false)
$$;

select is_empty('select pg_temp.unguarded()', 'every view is guarded');

-- Control
create view app.planted as select * from app.orders;
alter view app.planted owner to penstock_owner;
select results_eq('select pg_temp.unguarded()', array['app.planted'], 'the owner''s view is found');
alter view app.planted set (security_invoker = true);
select is_empty('select pg_temp.unguarded()', 'it may run as the caller');

select * from finish();

rollback;
