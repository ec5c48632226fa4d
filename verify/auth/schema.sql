begin;

do $$
begin
    assert pg_catalog.has_schema_privilege('gatekeeper', 'auth', 'usage');
end
$$;

rollback;
