-- Deploy app/change_ratio
-- requires: app/schema

begin;

create or replace function app.change_ratio(before numeric, after numeric)
    returns numeric
    immutable
    parallel safe
    language sql
as $$
    select round(change_ratio.after / nullif(change_ratio.before, 0) - 1, 4)
$$;

comment on function app.change_ratio(numeric, numeric) is
    'What came on top, as a part of what was before: 0.25 is a quarter more. Null when there was nothing before.';

grant execute on function app.change_ratio(numeric, numeric) to staff, admin;

commit;
