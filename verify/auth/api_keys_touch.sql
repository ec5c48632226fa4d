begin;

do $$
begin
    assert 5 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'auth.api_keys'::regclass
            and t.tgfoid = 'penstock.touch_auth_api_keys()'::regprocedure
    );
end
$$;

rollback;
