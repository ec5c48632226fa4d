begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'request.role()', 'execute');
end
$$;

rollback;
