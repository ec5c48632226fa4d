begin;

do $$
begin
    assert exists (select from penstock.jobs as j where j.name = 'rate_prune');
    assert exists (select from penstock.jobs as j where j.name = 'events_prune');
    assert exists (select from penstock.jobs as j where j.name = 'idempotency_prune');
    assert exists (select from penstock.jobs as j where j.name = 'long_calls_prune');
end
$$;

rollback;
