begin;

do $$
begin
    assert pg_catalog.has_schema_privilege('penstock_agent', 'penstock', 'usage');
    assert exists (
        select
        from pg_catalog.pg_default_acl as d
        where d.defaclrole = 'penstock_owner'::regrole
            and d.defaclnamespace = 0
            and d.defaclobjtype = 'f'
    ), 'new functions would be executable by PUBLIC';
end
$$;

rollback;
