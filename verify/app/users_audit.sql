begin;

do $$
begin
    assert 4 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.users'::regclass
            and t.tgfoid = 'audit.record_app_users()'::regprocedure
    );
end
$$;

rollback;
