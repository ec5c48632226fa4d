-- Deploy api/order_event_list
-- requires: api/event api/page_size penstock/events_after app/order_events_policy

begin;

create or replace function api.order_event_list(
    after penstock.event_place default null,
    "limit" api.page_size default 100
)
    returns setof api.event
    stable
    rows 100
    language sql
as $$
    select e.id, e.event, e.data
    from penstock.events_after(order_event_list.after, order_event_list."limit", 'order.*') as e
$$;

comment on function api.order_event_list(penstock.event_place, api.page_size) is $$
What happens to orders, as it happens: all of them, for those who work here.
As GET /events otherwise.

HTTP GET /orders/events
@events tags=events
@tag orders
@error 410 The place to go on from is not one of this database's.
$$;

grant execute on function api.order_event_list(penstock.event_place, api.page_size) to staff, admin;

commit;
