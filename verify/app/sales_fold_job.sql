begin;

do $$
begin
    assert exists (select from penstock.jobs as j where j.name = 'sales_fold');
end
$$;

rollback;
