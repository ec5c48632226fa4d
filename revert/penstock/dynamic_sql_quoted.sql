begin;

drop function penstock.dynamic_sql_quoted(text, text[]);

commit;
