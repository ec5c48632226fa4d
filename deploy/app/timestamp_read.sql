-- Deploy app/timestamp_read
-- requires: app/schema

begin;

create or replace function app.timestamp_read(raw text)
    returns timestamptz
    stable  -- as the cast from text is; what it may see here reads the same under every DateStyle
    parallel safe
    language sql
as $$
    select case
        when timestamp_read.raw !~ '^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$'
            then null
        when substr(timestamp_read.raw, 9, 2)::integer <= extract(
            day from (substr(timestamp_read.raw, 1, 8) || '01')::date + interval '1 month -1 day'
        )
            then timestamp_read.raw::timestamp at time zone 'UTC'
    end
$$;

comment on function app.timestamp_read(text) is
    'The moment, in UTC, that a text of the form YYYY-MM-DD HH:MM[:SS] says, or null: it never raises, not even for 30 February.';

grant execute on function app.timestamp_read(text) to staff, admin;

commit;
