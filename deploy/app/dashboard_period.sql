-- Deploy app/dashboard_period
-- requires: app/schema

begin;

create or replace function app.dashboard_period(
    in "from" date,
    in "to" date,
    out first_day date,
    out last_day date,
    out before timestamptz,
    out begins timestamptz,
    out ends timestamptz
)
    stable
    language plpgsql
as $$
begin
    last_day := coalesce(dashboard_period."to", (now() at time zone 'UTC')::date);
    first_day := coalesce(dashboard_period."from", last_day - 29);

    if first_day > last_day then
        raise exception using
            errcode = 'PT422',
            constraint = 'dashboard_period_in_order',
            message = 'The period begins after it ends: "from" must not be later than "to".';
    end if;

    -- The ends of the calendar ('infinity', 4713 BC) would have no period before them.
    if first_day < '1900-01-01' or last_day > '2999-12-31' or last_day - first_day >= 731 then
        raise exception using
            errcode = 'PT422',
            constraint = 'dashboard_period_in_bounds',
            message = 'A period lies between the years 1900 and 2999 and holds at most 731 days.';
    end if;

    begins := first_day::timestamp at time zone 'UTC';
    ends := (last_day + 1)::timestamp at time zone 'UTC';
    before := begins - (ends - begins);
end
$$;

comment on function app.dashboard_period(date, date) is
    'The moments between which a dashboard looks: the 30 days up to today unless told otherwise, and as much before them.';

grant execute on function app.dashboard_period(date, date) to staff, admin;

commit;
