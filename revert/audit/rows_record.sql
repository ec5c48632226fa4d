begin;

drop procedure audit.rows_record(regclass, text[], text[]);

commit;
