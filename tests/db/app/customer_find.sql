begin;

\ir ../house/personas.psql

select plan(4);

-- Signature
select volatility_is('app', 'customer_find', array['integer[]'], 'stable');

-- Behaviour
insert into app.users (email, username)
values
    ('retail-1@customers.invalid', 'retail-1'),
    ('real@example.org', 'Retail-2'),
    ('retail-3@customers.invalid', 'somebody');
select pg_temp.be('staff', :sam);
select set_eq(
    'select number from app.customer_find(''{1, 2, 3, 4}'')',
    array[1, 2, 3],
    'by username or by address, for an admin may have changed one of them'
);
select is_empty('select app.customer_find(''{}'')', 'no number, no customer');

-- Permission
select is(pg_temp.callers('app.customer_find(integer[])'), 'staff, admin', 'staff and admins alone');

select * from finish();

rollback;
