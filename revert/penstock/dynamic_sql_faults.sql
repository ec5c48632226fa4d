begin;

drop function penstock.dynamic_sql_faults(oid);

commit;
