begin;

call audit.rows_forget('app.posts');

commit;
