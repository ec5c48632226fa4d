begin;

do $$
begin
    assert exists (
        select
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.users'::regclass
            and t.tgname = 'users_admin_not_self'
            and t.tgfoid = 'app.users_admin_not_self()'::regprocedure
    );
end
$$;

rollback;
