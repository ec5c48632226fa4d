begin;

do $$
begin
    assert 4 = (
        select count(*)
        from pg_catalog.pg_trigger as t
        where t.tgrelid = 'app.order_transitions'::regclass
            and t.tgfoid = 'audit.record_app_order_transitions()'::regprocedure
    );
end
$$;

rollback;
