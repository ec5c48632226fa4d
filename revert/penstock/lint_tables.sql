begin;

drop view penstock.lint_tables;

commit;
