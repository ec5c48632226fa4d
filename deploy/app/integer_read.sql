-- Deploy app/integer_read
-- requires: app/schema
-- PostgreSQL 15 has no pg_input_is_valid, and an exception block a value would cost a
-- subtransaction a line; a pattern costs a microsecond.

begin;

create or replace function app.integer_read(raw text)
    returns integer
    immutable
    parallel safe
    language sql
as $$
    select case
        when integer_read.raw ~ '^[+-]?[0-9]{1,9}([.]0*)?$'
            then split_part(integer_read.raw, '.', 1)::integer
    end
$$;

comment on function app.integer_read(text) is
    'The whole number that a text says, "17850.0" as 17850, or null: it never raises. Up to nine digits.';

grant execute on function app.integer_read(text) to staff, admin;

commit;
