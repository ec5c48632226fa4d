-- Deploy audit/rows_forget
-- requires: audit/tables_policy
-- What reverts the changes that call audit.rows_record() or audit.rows_skip().

begin;

create or replace procedure audit.rows_forget("table" regclass)
    language plpgsql
as $$
declare
    v_table text;
    v_function text;
begin
    select
        n.nspname || '.' || c.relname,
        ('record_' || n.nspname || '_' || c.relname)::name
    into v_table, v_function
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.oid = rows_forget."table";

    if to_regprocedure(format('audit.%I()', v_function)) is not null then
        execute format('drop function audit.%I() cascade', v_function);  -- and its triggers
    end if;

    delete from audit.tables as t
    where t.table_name = v_table;
end
$$;

comment on procedure audit.rows_forget(regclass) is
    'Ends the record of a table, or takes back why there is none. What was recorded stays.';

grant execute on procedure audit.rows_forget(regclass) to penstock_owner;

commit;
