begin;

do $$
begin
    assert 4 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.import_rejects'::regclass
            and t.tgfoid = 'audit.record_app_import_rejects()'::regprocedure
    );
end
$$;

rollback;
