begin;

do $$
begin
    assert has_function_privilege('penstock_agent', 'penstock.events_prune(timestamptz, timestamptz)', 'execute');
end
$$;

rollback;
