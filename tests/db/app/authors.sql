begin;

\ir ../house/personas.psql

select plan(4);

update app.users set is_active = false where id = :bob;

select pg_temp.be('anon');
select results_eq(
    'select username::text, is_active from app.authors order by id limit 2', $$values ('ada', true), ('bob', false)$$,
    'everybody may know the name of every user'
);
select columns_are('app', 'authors', array['id', 'username', 'is_active'], 'and nothing else');
select view_owner_is('app', 'authors', 'penstock_clerk', 'it reads as the clerk');
select throws_ok('update app.authors set username = ''x''', '42501', null, 'nobody writes through it');

select * from finish();

rollback;
