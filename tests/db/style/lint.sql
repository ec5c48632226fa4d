begin;

select plan(2);

select is_empty('select * from penstock.lint', 'the house keeps its own rules');

-- Control: what the views find comes together here.
create table app.planted (id integer);
alter table app.planted owner to penstock_owner;
create function app.planted() returns integer language sql as 'select 1';
select set_eq(
    $$select rule from penstock.lint where object like 'app.planted%'$$,
    array['rls_forced', 'owner_policy', 'no_public_execute', 'commented', 'audited'],
    'a careless table and function are found'
);

select * from finish();

rollback;
