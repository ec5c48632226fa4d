begin;

do $$
begin
    assert pg_catalog.has_schema_privilege('reporter', 'report', 'usage');
end
$$;

rollback;
