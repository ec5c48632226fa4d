begin;

\ir ../house/personas.psql

select plan(7);

insert into app.imports (made_by, lines, loaded, unchanged, rejected, revenue, new_customers, new_products, new_orders)
values (:sam, 1, 0, 0, 1, 0, 0, 0, 0)
returning id as import_id
\gset
select format('insert into app.import_rejects values (%s, 2, ''cancellation'', null, ''C1'')', :import_id) as insert
\gset

-- What each enters
select pg_temp.be('admin', :eve);
select throws_ok(:'insert', '42501', null, 'nobody enters rejects of another''s import');
select pg_temp.be('staff', :sam);
select lives_ok(:'insert', 'staff enter those of their own');
select throws_ok('update app.import_rejects set raw = ''''', '42501', null, 'nothing is changed');
select throws_ok('delete from app.import_rejects', '42501', null, 'nothing is deleted');

-- What each sees
select pg_temp.be('admin', :eve);
select is((select count(*) from app.import_rejects), 1::bigint, 'admins see every reject');
select pg_temp.be('member', :ada);
select throws_ok('select from app.import_rejects', '42501', null, 'members may not even ask');
select pg_temp.be('penstock_owner');
select is((select count(*) from app.import_rejects), 1::bigint, 'the owner''s migrations see everything');

select * from finish();

rollback;
