-- Deploy api/event_list
-- requires: api/event api/page_size penstock/events_after

begin;

create or replace function api.event_list(
    after penstock.event_place default null,
    "limit" api.page_size default 100
)
    returns setof api.event
    stable
    rows 100
    language sql
as $$
    select e.id, e.event, e.data
    from penstock.events_after(event_list.after, event_list."limit") as e
$$;

comment on function api.event_list(penstock.event_place, api.page_size) is $$
What happens that concerns you, as it happens: your orders as they are placed, paid, shipped.
A stream that begins now, or goes on after Last-Event-ID (or `after`). What happened in the last
seven days is there.

HTTP GET /events
@events tags=events_of:{sub},events_for:{role}
@tag events
@error 410 The place to go on from is not one of this database's.
$$;

grant execute on function api.event_list(penstock.event_place, api.page_size) to member, staff, admin;

commit;
