begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.long_call_end(uuid, integer, json)', 'execute');
end
$$;

rollback;
