begin;

\ir ../house/personas.psql

select plan(4);

insert into app.products (sku, name, price) values ('L1', 'Lantern', 5) returning id as lantern \gset
update app.products set price = 6, stock = 9 where id = :lantern;
delete from app.products where id = :lantern;

set local role penstock_owner;
select results_eq(
    format($$select h.operation::text, h.before, h.after from audit.history as h
    where h.table_name = 'app.products' and h.key = '{"id": %s}' and h.column_name = 'price' order by h.at, h.id$$, :lantern),
    $$values ('insert', null, '5'::jsonb), ('update', '5'::jsonb, '6'::jsonb), ('delete', '6'::jsonb, null)$$,
    'what became of a column'
);
select results_eq(
    format($$select h.column_name from audit.history as h
    where h.key = '{"id": %s}' and h.table_name = 'app.products' and h.operation = 'update' order by h.column_name$$, :lantern),
    array['price', 'stock', 'version'], 'a row for each that changed'
);
truncate app.posts;
select results_eq(
    $$select h.key, h.column_name from audit.history as h where h.table_name = 'app.posts' order by h.at desc, h.id desc limit 1$$,
    $$values (null::jsonb, null::text)$$, 'truncate has neither'
);
reset role;

-- Permission
select pg_temp.be('admin', :eve);
select throws_ok('select * from audit.history', '42501', null, 'for DBAs, who are the owner');

select * from finish();

rollback;
