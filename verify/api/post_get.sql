begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'api.post_get(bigint)', 'execute');
end
$$;

rollback;
