begin;

drop function api.import_reject_list(bigint, app.reject_reason, api.page_size, jsonb);

commit;
