begin;

\ir ../house/personas.psql

select plan(3);

insert into app.products (sku, name, price) values ('L1', 'Lantern', 5);

select is((select p.version from app.products as p), 1, 'the first version');
update app.products set price = 6;
select is((select p.version from app.products as p), 2, 'a change makes a new one');
update app.products set version = 1;
select is((select p.version from app.products as p), 3, 'nobody turns it back');

select * from finish();

rollback;
