begin;

\ir ../house/personas.psql

select plan(34);

create schema shop;
create table shop.lamps (
    id bigint primary key,
    maker text,
    price numeric,
    tags jsonb,
    spot point,
    pin text,
    hash api.password,
    seen_at timestamptz
);
create table shop.parts (lamp bigint, no integer, name text, primary key (no, lamp));
create table shop.links (a integer, b integer, primary key (a, b));
create table shop.keys (hash text primary key, "Odd ""%s" integer);
create table shop.heap (id bigint);

-- What a statement adds to the record.
create function pg_temp.recorded(statement text)
    returns table (operation text, key jsonb, before jsonb, after jsonb)
    language plpgsql
as $$
declare
    v_last bigint := coalesce((select max(c.id) from audit.changes as c), 0);
begin
    execute statement;
    return query
        select c.operation::text, c.key, c.before, c.after
        from audit.changes as c
        where c.id > v_last
        order by c.key, c.before is null, c.id;
end
$$;
create function pg_temp.said(statement text) returns text language sql as $$
    select string_agg(
        concat_ws(' ', r.operation, r.key, coalesce(r.before::text, '-'), coalesce(r.after::text, '-')), ', '
    )
    from pg_temp.recorded(statement) as r
$$;

call audit.rows_record('shop.lamps', ignored => '{seen_at}', secret => '{pin}');
call audit.rows_record('shop.parts');
call audit.rows_record('shop.links');
call audit.rows_record('shop.keys', secret => '{hash}');

-- Signature
select triggers_are('shop', 'lamps', array['audit_insert', 'audit_update', 'audit_delete', 'audit_truncate']);
select is_definer('audit', 'record_shop_lamps', '{}'::name[]);
select function_owner_is('audit', 'record_shop_lamps', '{}'::name[], 'penstock_auditor');
select results_eq(
    $$select t.columns, t.ignored, t.secret, t.reason from audit.tables as t where t.table_name = 'shop.lamps'$$,
    $$values (
        '{hash,id,maker,pin,price,seen_at,spot,tags}'::text[], '{seen_at}'::text[], '{hash,pin}'::text[], null::text
    )$$,
    'what was asked for is known; a password is secret by its type'
);

-- Behaviour: one row
select is(
    pg_temp.said($$insert into shop.lamps values (1, 'Ada', 1.0, '{"a": null}', '(1,2)', '1234', '$argon2id$v=19$x', now())$$),
    'insert {"id": 1} - {"id": 1, "pin": "(secret)", "hash": "(secret)", "spot": "(1,2)", "tags": {"a": null}, "maker": "Ada", "price": 1.0}',
    'an insert: the whole row, without what is ignored, and no secret'
);
select is(pg_temp.said($$update shop.lamps set maker = 'Bo' where id = 1$$),
    'update {"id": 1} {"maker": "Ada"} {"maker": "Bo"}', 'an update: what differs');
select is(pg_temp.said('update shop.lamps set maker = null, price = 2 where id = 1'),
    'update {"id": 1} {"maker": "Bo", "price": 1.0} {"maker": null, "price": 2}', 'a null is a value');
select is(pg_temp.said('update shop.lamps set price = 2.00 where id = 1'),
    'update {"id": 1} {"price": 2} {"price": 2.00}', 'what is equal, but not the same, differs');
select is(pg_temp.said($$update shop.lamps set spot = '(1,3)', tags = '[1]' where id = 1$$),
    'update {"id": 1} {"spot": "(1,2)", "tags": {"a": null}} {"spot": "(1,3)", "tags": [1]}', 'so do types that know no equality');
select is(pg_temp.said($$update shop.lamps set pin = '9999', hash = '$argon2id$v=19$y' where id = 1$$),
    'update {"id": 1} {"pin": "(secret)", "hash": "(secret)"} {"pin": "(secret)", "hash": "(secret)"}',
    'of a secret, that it changed');
select is(pg_temp.said('update shop.lamps set pin = null where id = 1'),
    'update {"id": 1} {"pin": "(secret)"} {"pin": null}', 'or went');
select is(pg_temp.said('update shop.lamps set seen_at = clock_timestamp() where id = 1'), null, 'what is ignored changes nothing');
select is(pg_temp.said('update shop.lamps set price = price where id = 1'), null, 'nor does an update to the same');
select is(pg_temp.said('update shop.lamps set price = 3 where false'), null, 'or of no row');
select is(pg_temp.said($$insert into shop.lamps (id) values (1) on conflict (id) do update set maker = 'Cy'$$),
    'update {"id": 1} {"maker": null} {"maker": "Cy"}', 'an upsert that updates');
select is(
    pg_temp.said('update shop.lamps set id = 2 where id = 1'),
    'update {"id": 1} {"id": 1, "pin": null, "hash": "(secret)", "spot": "(1,3)", "tags": [1], "maker": "Cy", "price": 2.00} -, '
    'update {"id": 2} - {"id": 2, "pin": null, "hash": "(secret)", "spot": "(1,3)", "tags": [1], "maker": "Cy", "price": 2.00}',
    'a row whose key changes goes from one and comes under the other'
);
select is(pg_temp.said('delete from shop.lamps'),
    'delete {"id": 2} {"id": 2, "pin": null, "hash": "(secret)", "spot": "(1,3)", "tags": [1], "maker": "Cy", "price": 2.00} -',
    'a delete: the whole row');
select is(pg_temp.said('truncate shop.lamps'), 'truncate - -', 'truncate, which names no rows');

-- Behaviour: many rows
select is(pg_temp.said($$insert into shop.parts values (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c')$$),
    'insert {"no": 1, "lamp": 1} - {"no": 1, "lamp": 1, "name": "a"}, '
    'insert {"no": 1, "lamp": 2} - {"no": 1, "lamp": 2, "name": "c"}, '
    'insert {"no": 2, "lamp": 1} - {"no": 2, "lamp": 1, "name": "b"}', 'a row for each, by the whole key');
select is(pg_temp.said($$update shop.parts set name = case no when 1 then upper(name) else name end$$),
    'update {"no": 1, "lamp": 1} {"name": "a"} {"name": "A"}, update {"no": 1, "lamp": 2} {"name": "c"} {"name": "C"}',
    'of those that an update leaves as they are, none');
select is(pg_temp.said('update shop.parts set no = no - 1 where lamp = 1'),
    'update {"no": 0, "lamp": 1} - {"no": 0, "lamp": 1, "name": "A"}, '
    'update {"no": 1, "lamp": 1} {"name": "A"} {"name": "b"}, '
    'update {"no": 2, "lamp": 1} {"no": 2, "lamp": 1, "name": "b"} -', 'keys that move: what was, and is, under each');
select is(pg_temp.said('insert into shop.links values (1, 2)'), 'insert {"a": 1, "b": 2} - {"a": 1, "b": 2}', 'a table that is all key');
select is(pg_temp.said('update shop.links set b = b'), null, 'whose rows can only come and go');

-- A plan is made for the rows of the first call, and kept. Here that is one row, whose key changes;
-- were it joined in a loop, each of the many would be compared with each, for half a minute.
insert into shop.lamps (id) select n from generate_series(1, 20000) as n;
update shop.lamps set id = 0 where id = 1;
set local statement_timeout = '12s';
select is(
    (select count(*) from pg_temp.recorded('update shop.lamps set price = 7') as r where r.after = '{"price": 7}'),
    20000::bigint, 'twenty thousand rows at once'
);
set local statement_timeout = 0;

-- A secret that is a key: told apart, and not told.
select is(
    pg_temp.said($$insert into shop.keys values ('abc', 1)$$),
    'insert {"hash": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"} - {"hash": "(secret)", "Odd \"%s": 1}',
    'a secret key is known by its SHA-256'
);
select is(pg_temp.said($$update shop.keys set "Odd ""%s" = 2$$),
    'update {"hash": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"} {"Odd \"%s": 1} {"Odd \"%s": 2}',
    'a name that must be quoted');

-- It may be called again, and must be when columns come.
alter table shop.parts add column weight integer;
update shop.parts set weight = 1 where lamp = 2;
call audit.rows_record('shop.parts', ignored => '{name}');
select is(pg_temp.said($$update shop.parts set weight = 2, name = 'z' where lamp = 2$$),
    'update {"no": 1, "lamp": 2} {"weight": 1} {"weight": 2}', 'called again, it knows the new column, and ignores another');

-- Sixty columns are more than a function's arguments.
select format('create table shop.wide (id integer primary key, %s)', string_agg(format('c%s integer', n), ', '))
from generate_series(1, 60) as n
\gexec
call audit.rows_record('shop.wide');
select is(
    (select count(*) from pg_temp.recorded('insert into shop.wide (id, c60) values (1, 60)') as r, jsonb_object_keys(r.after)),
    61::bigint, 'a wide table'
);

-- What is rolled back was no change.
savepoint before;
insert into shop.links values (8, 8);
rollback to before;
select is_empty($$select from audit.changes as c where c.key = '{"a": 8, "b": 8}'$$, 'nothing is recorded of what was rolled back');

-- Control: without its trigger a table records nothing.
alter table shop.links disable trigger audit_insert;
select is(pg_temp.said('insert into shop.links values (3, 4)'), null, 'without the trigger nothing is recorded');

-- Errors
select throws_ok($$call audit.rows_record('shop.heap')$$, 'P0001', 'shop.heap has no primary key.', 'rows that nobody could name');
select throws_ok($$call audit.rows_record('shop.lamps', secret => '{pins}')$$, 'P0001',
    '"pins" is no column of shop.lamps that could be treated so.', 'a column that is not there');
select throws_ok($$call audit.rows_record('shop.lamps', ignored => '{id}')$$, 'P0001',
    '"id" is no column of shop.lamps that could be treated so.', 'a key that is ignored');

-- Permission
select pg_temp.be('admin', :eve);
select throws_ok($$call audit.rows_record('app.users')$$, '42501', null, 'what is recorded is the owner''s to say');

select * from finish();

rollback;
