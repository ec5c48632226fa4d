begin;

do $$
begin
    assert exists (
        select
        from pg_catalog.pg_policy as p
        where p.polrelid = 'penstock.events'::regclass and p.polname = 'events_orders_staff'
    );
end
$$;

rollback;
