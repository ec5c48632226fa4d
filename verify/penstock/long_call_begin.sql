begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.long_call_begin(uuid, text, bigint)', 'execute');
end
$$;

rollback;
