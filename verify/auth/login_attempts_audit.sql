begin;

do $$
begin
    assert exists (
        select
        from audit.tables as t
        where t.table_name = 'auth.login_attempts' and t.reason is not null
    );
end
$$;

rollback;
