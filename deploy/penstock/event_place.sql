-- Deploy penstock/event_place
-- requires: penstock/schema

begin;

do $$
begin
    create domain penstock.event_place as text
        constraint event_place_is_one check (value ~ '^[0-9]{1,18}-[0-9]{1,18}$');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain penstock.event_place is
    'A place in the log of events: its transaction and its number. What comes after it is what was not seen yet.';
comment on constraint event_place_is_one on domain penstock.event_place is
    'A place is the id of an event of this stream, as it was sent.';

commit;
