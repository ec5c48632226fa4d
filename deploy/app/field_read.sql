-- Deploy app/field_read
-- requires: app/schema

begin;

create or replace function app.field_read(raw text)
    returns text
    immutable
    parallel safe
    language sql
as $$
    select substring(field_read.raw from '\S(?:.*\S)?')
$$;

comment on function app.field_read(text) is
    'What a field of a file says: without the white space round it, of whatever kind, and null if there is nothing else.';

grant execute on function app.field_read(text) to staff, admin;

commit;
