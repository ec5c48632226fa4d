-- Deploy audit/rows_skip
-- requires: audit/rows_forget

begin;

create or replace procedure audit.rows_skip("table" regclass, reason text)
    language plpgsql
as $$
begin
    call audit.rows_forget(rows_skip."table");

    insert into audit.tables (table_name, reason)
    select n.nspname || '.' || c.relname, rows_skip.reason
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = rows_skip."table";
end
$$;

comment on procedure audit.rows_skip(regclass, text) is
    'Says why a table''s changes are not recorded: because the database keeps it by itself, from what is.';

grant execute on procedure audit.rows_skip(regclass, text) to penstock_owner;

commit;
