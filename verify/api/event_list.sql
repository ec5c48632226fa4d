begin;

do $$
begin
    assert has_function_privilege('member', 'api.event_list(penstock.event_place, api.page_size)', 'execute');
end
$$;

rollback;
