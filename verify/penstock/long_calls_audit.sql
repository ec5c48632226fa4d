begin;

do $$
begin
    assert exists (select from audit.tables as t where t.table_name = 'penstock.long_calls');
end
$$;

rollback;
