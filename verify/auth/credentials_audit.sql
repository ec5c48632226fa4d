begin;

do $$
begin
    assert 4 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'auth.credentials'::regclass
            and t.tgfoid = 'audit.record_auth_credentials()'::regprocedure
    );
end
$$;

rollback;
