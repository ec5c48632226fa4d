begin;

do $$
begin
    assert pg_catalog.has_function_privilege('anon', 'request.user_id()', 'execute');
end
$$;

rollback;
