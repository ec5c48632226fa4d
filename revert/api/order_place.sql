begin;

drop function api.order_place(api.order_line_input[], app.country);

commit;
