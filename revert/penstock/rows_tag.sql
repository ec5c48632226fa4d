begin;

drop procedure penstock.rows_tag(regclass, text[]);

commit;
