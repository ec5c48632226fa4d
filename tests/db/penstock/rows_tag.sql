begin;

select plan(18);

create function pg_temp.touched() returns text language sql as $$
    select string_agg(distinct t.tag, ' ' order by t.tag)
    from unnest((nullif(current_setting('penstock.touched', true), '')::text[])[2:]) as t (tag)
$$;
-- What one statement touches.
create function pg_temp.touched_by(statement text) returns text language plpgsql as $$
begin
    perform set_config('penstock.touched', '', true);
    execute statement;
    return pg_temp.touched();
end
$$;

create schema shop;
create table shop.lamps (id bigint primary key, maker text, lit boolean);
create table shop.odd ("Key" uuid);

-- Behaviour
call penstock.rows_tag('shop.lamps', 'lamps', 'lamp:{id}', 'maker:{maker}');
select is(pg_temp.touched_by($$insert into shop.lamps values (1, 'Ada'), (2, 'Bo')$$),
    'lamp:1 lamp:2 lamps maker:Ada maker:Bo', 'what is inserted');
select is(pg_temp.touched_by('update shop.lamps set lit = true where id = 1'), 'lamp:1 lamps maker:Ada', 'what is updated');
select is(pg_temp.touched_by($$update shop.lamps set maker = 'Cy' where id = 1$$),
    'lamp:1 lamps maker:Ada maker:Cy', 'an update touches what the row was and what it is');
select is(pg_temp.touched_by('update shop.lamps set id = 5 where id = 1'), 'lamp:1 lamp:5 lamps maker:Cy', 'so does one of a key');
select is(pg_temp.touched_by('delete from shop.lamps where id = 2'), 'lamp:2 lamps maker:Bo', 'what is deleted');
select is(pg_temp.touched_by('update shop.lamps set lit = false where false'), null, 'no rows touch nothing');
select is(pg_temp.touched_by('insert into shop.lamps values (5) on conflict do nothing'), null, 'nor does an insert that was not made');
select is(pg_temp.touched_by('insert into shop.lamps values (3, null)'), 'lamp:3 lamps', 'a null names nothing');
select is(pg_temp.touched_by('insert into shop.lamps select n, ''M'' || n from generate_series(10, 109) as n'),
    'lamp:* lamps maker:*', 'a hundred rows with two tags each are named by their kinds');
select is(pg_temp.touched_by('truncate shop.lamps'), 'lamp:* lamps maker:*', 'truncate touches all');
select is((select count(*) from penstock.touches as t where t.xid = pg_current_xact_id() and t.tags && array['lamps']), 8::bigint,
    'a row for each statement that changed something, whoever ran it');

-- It may be called again, with other tags and on other names.
call penstock.rows_tag('shop.lamps', 'lamps');
select is(pg_temp.touched_by('insert into shop.lamps values (1)'), 'lamps', 'called again, it replaces the tags');
call penstock.rows_tag('shop.odd', 'odd:{Key}');
select is(pg_temp.touched_by($$insert into shop.odd values ('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11')$$),
    'odd:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a name that must be quoted, a value as PostgreSQL writes it');

-- Control: without its triggers a table touches nothing.
call penstock.rows_tag('shop.lamps', 'lamps', 'lamp:{id}');
alter table shop.lamps disable trigger user;
select is(pg_temp.touched_by('insert into shop.lamps values (2)'), null, 'without the triggers nothing is touched');

alter table shop.lamps enable trigger penstock_update;
select is(pg_temp.touched_by('update shop.lamps set id = 6 where id = 2'), 'lamp:6 lamps', 'nor what a row was, without penstock_rekey');

-- Errors
select throws_ok($$call penstock.rows_tag('shop.lamps', 'lamp:{name}')$$, 'P0001', '"lamp:{name}" is no tag for shop.lamps.', 'a column that is not there');
select throws_ok($$call penstock.rows_tag('shop.lamps', 'lamp s')$$, 'P0001', '"lamp s" is no tag for shop.lamps.', 'a name that is none');

-- Permission
select is_definer('penstock', 'touch_shop_lamps', 'whoever writes, the agent notes it');

select * from finish();

rollback;
