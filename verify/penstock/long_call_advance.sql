begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.long_call_advance(uuid, bigint)', 'execute');
end
$$;

rollback;
