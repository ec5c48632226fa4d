begin;

do $$
begin
    assert 4 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'auth.devices'::regclass
            and t.tgfoid = 'audit.record_auth_devices()'::regprocedure
    );
end
$$;

rollback;
