begin;

drop view penstock.lint_comments;

commit;
