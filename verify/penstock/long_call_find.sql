begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.long_call_find(uuid)', 'execute');
end
$$;

rollback;
