begin;

drop function api.import_list(api.page_size, jsonb);

commit;
