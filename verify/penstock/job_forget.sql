begin;

do $$
begin
    assert has_function_privilege('penstock_owner', 'penstock.job_forget(text)', 'execute');
end
$$;

rollback;
