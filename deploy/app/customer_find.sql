-- Deploy app/customer_find
-- requires: app/users

begin;

create or replace function app.customer_find(numbers integer[])
    returns table (number integer, user_id bigint)
    stable
    language sql
as $$
    -- By either name: an admin may have changed one of them since.
    select n.number, coalesce(by_name.id, by_email.id)
    from unnest(customer_find.numbers) as n (number)
    left join app.users as by_name on lower(by_name.username) = 'retail-' || n.number
    left join app.users as by_email
        on lower(by_email.email) = 'retail-' || n.number || '@customers.invalid'
    where coalesce(by_name.id, by_email.id) is not null
$$;

comment on function app.customer_find(integer[]) is
    'The users that imported customers became, by customer number.';

grant execute on function app.customer_find(integer[]) to staff, admin;

commit;
