begin;

drop function api.audit_list(api.page_size, jsonb, text, jsonb, text, timestamptz, timestamptz);

commit;
