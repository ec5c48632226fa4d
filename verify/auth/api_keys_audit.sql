begin;

do $$
begin
    assert 4 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'auth.api_keys'::regclass
            and t.tgfoid = 'audit.record_auth_api_keys()'::regprocedure
    );
end
$$;

rollback;
