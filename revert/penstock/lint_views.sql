begin;

drop view penstock.lint_views;

commit;
