begin;

\ir ../house/personas.psql

select plan(6);

create schema shop;
create table shop.lamps (id bigint primary key);
call audit.rows_record('shop.lamps');
set local client_min_messages = warning;  -- not a notice for the triggers that go

call audit.rows_skip('shop.lamps', 'A roll-up.');
select results_eq(
    $$select t.columns, t.reason from audit.tables as t where t.table_name = 'shop.lamps'$$,
    $$values (null::text[], 'A roll-up.')$$, 'there is a reason'
);
select triggers_are('shop', 'lamps', '{}'::name[]);
select hasnt_function('audit', 'record_shop_lamps', 'and nothing that records');

call audit.rows_record('shop.lamps');
select is((select t.reason from audit.tables as t where t.table_name = 'shop.lamps'), null, 'it may be recorded again');

call audit.rows_forget('shop.lamps');
select is_empty($$select from audit.tables as t where t.table_name = 'shop.lamps'$$, 'forgotten');
select throws_ok($$call audit.rows_skip('shop.lamps', null)$$, '23514', null, 'without a reason it is not skipped');

select * from finish();

rollback;
