-- Deploy app/price_read
-- requires: app/schema

begin;

create or replace function app.price_read(raw text)
    returns numeric
    immutable
    parallel safe
    language sql
as $$
    select case
        when price_read.raw ~ '^[+-]?[0-9]{1,6}([.][0-9]{0,2}0*)?$'
            then price_read.raw::numeric
    end
$$;

comment on function app.price_read(text) is
    'The amount below a million, in pounds and whole pence, that a text says, or null: it never raises. A tenth of a penny is no amount: it could not be stored as it is.';

grant execute on function app.price_read(text) to staff, admin;

commit;
