begin;

drop procedure audit.rows_skip(regclass, text);

commit;
