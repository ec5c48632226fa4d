begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'request.claims()', 'execute');
end
$$;

rollback;
