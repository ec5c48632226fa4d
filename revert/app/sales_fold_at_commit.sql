begin;

drop trigger sales_moves_fold on app.sales_moves;
drop trigger sales_line_changes_fold on app.sales_line_changes;

drop function app.sales_fold_at_commit();

commit;
