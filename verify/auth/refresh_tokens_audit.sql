begin;

do $$
begin
    assert 4 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'auth.refresh_tokens'::regclass
            and t.tgfoid = 'audit.record_auth_refresh_tokens()'::regprocedure
    );
end
$$;

rollback;
