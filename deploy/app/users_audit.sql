-- Deploy app/users_audit
-- requires: app/users audit/rows_record audit/rows_forget

begin;

call audit.rows_record('app.users', ignored => '{updated_at}');

commit;
