begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.events_after(penstock.event_place, integer, text)', 'execute');
end
$$;

rollback;
