begin;

do $$
begin
    assert exists (
        select
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'audit.changes'::regclass
            and t.tgfoid = 'audit.changes_stay()'::regprocedure
            and t.tgenabled = 'O'
    );
end
$$;

rollback;
