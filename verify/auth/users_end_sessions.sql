begin;

do $$
begin
    assert exists (
        select
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.users'::regclass
            and t.tgname = 'users_end_sessions'
            and t.tgfoid = 'auth.users_end_sessions()'::regprocedure
    );
end
$$;

rollback;
