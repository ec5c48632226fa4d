begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.long_call_fail(uuid, integer, json)', 'execute');
end
$$;

rollback;
