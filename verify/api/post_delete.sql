begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.post_delete(bigint)', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.post_delete(bigint)', 'execute');
end
$$;

rollback;
