begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.touch(text[])', 'execute');
end
$$;

rollback;
