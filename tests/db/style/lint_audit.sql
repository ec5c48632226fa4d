begin;

select plan(9);

create function pg_temp.faults(name text) returns setof text language sql as
    'select l.rule from penstock.lint as l where l.object = faults.name and l.rule like ''audit%'' order by l.rule';

-- No table of the domain goes unnoticed.
create table app.planted (id bigint primary key);
select results_eq($$select pg_temp.faults('app.planted')$$, array['audited'], 'a table that nobody spoke of');
create table auth.planted (id bigint primary key);
select results_eq($$select pg_temp.faults('auth.planted')$$, array['audited'], 'in the room of credentials too');
call audit.rows_record('app.planted');
call audit.rows_skip('auth.planted', 'Derived.');
select is_empty($$select pg_temp.faults('app.planted') union all select pg_temp.faults('auth.planted')$$, 'recorded, or with a reason why not');

-- Of one that should be recorded, a trigger is gone, or sleeps, or does something else.
drop trigger audit_delete on app.orders;
select results_eq($$select pg_temp.faults('app.orders')$$, array['audit_fires'], 'a trigger that was dropped');
alter table app.posts disable trigger audit_truncate;
select results_eq($$select pg_temp.faults('app.posts')$$, array['audit_fires'], 'one that is disabled');
alter table app.users enable replica trigger audit_update;
select results_eq($$select pg_temp.faults('app.users')$$, array['audit_fires'], 'one that only fires on a replica');
create or replace trigger audit_insert after insert on app.products
    for each statement execute function app.order_lines_truncate_sales();
select results_eq($$select pg_temp.faults('app.products')$$, array['audit_fires'], 'one of that name that records nothing');

-- Its code names the columns, so it must be written anew when they change.
alter table app.planted add column pin text;
select results_eq($$select pg_temp.faults('app.planted')$$, array['audit_columns'], 'a column that is not recorded');
alter table app.planted drop column pin;
select is_empty($$select pg_temp.faults('app.planted')$$, 'and is gone');

select * from finish();

rollback;
