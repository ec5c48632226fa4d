begin;

drop function api.api_key_issue(text, app.user_role, integer, timestamptz);

commit;
