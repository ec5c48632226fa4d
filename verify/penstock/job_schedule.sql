begin;

do $$
begin
    assert has_function_privilege('penstock_owner', 'penstock.job_schedule(text, text, interval, name, interval)', 'execute');
end
$$;

rollback;
