begin;

drop procedure audit.rows_forget(regclass);

commit;
