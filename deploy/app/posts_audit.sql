-- Deploy app/posts_audit
-- requires: app/posts audit/rows_record audit/rows_forget

begin;

call audit.rows_record('app.posts', ignored => '{updated_at}');

commit;
