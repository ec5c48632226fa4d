begin;

do $$
begin
    assert pg_catalog.has_function_privilege('member', 'api.me_get()', 'execute');
    assert not pg_catalog.has_function_privilege('anon', 'api.me_get()', 'execute');
end
$$;

rollback;
