begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.settle()', 'execute');
end
$$;

rollback;
