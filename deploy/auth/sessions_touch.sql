-- Deploy auth/sessions_touch
-- requires: auth/sessions penstock/rows_tag
-- By this the API processes hear, within a second, that tokens they have let in count no more.

begin;

call penstock.rows_tag('auth.sessions', 'session:{id}');

commit;
