begin;

do $$
begin
    assert exists (select from penstock.jobs as j where j.name = 'session_prune');
end
$$;

rollback;
