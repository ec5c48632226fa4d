begin;

do $$
begin
    assert pg_catalog.has_schema_privilege('anon', 'api', 'usage');
end
$$;

rollback;
