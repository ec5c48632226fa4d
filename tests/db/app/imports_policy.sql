begin;

\ir ../house/personas.psql

select plan(8);

select format(
    'insert into app.imports (made_by, lines, loaded, unchanged, rejected, revenue, new_customers, new_products, new_orders) values (%s, 3, 1, 1, 1, 0, 0, 0, 0)',
    :sam
) as insert
\gset

-- What each enters
select pg_temp.be('staff', :sam);
select lives_ok(:'insert', 'staff enter an import under their own name');
select pg_temp.be('admin', :eve);
select throws_ok(:'insert', '42501', null, 'and nobody under another''s');
select throws_ok('update app.imports set lines = 0', '42501', null, 'nothing is changed');
select throws_ok('delete from app.imports', '42501', null, 'nothing is deleted');

-- What each sees
select is((select count(*) from app.imports), 1::bigint, 'admins see every import');
select pg_temp.be('member', :ada);
select throws_ok('select from app.imports', '42501', null, 'members may not even ask');
select pg_temp.be('penstock_owner');
select is((select count(*) from app.imports), 1::bigint, 'the owner''s migrations see everything');

-- The rule
select throws_ok(
    'insert into app.imports (lines, loaded, unchanged, rejected, revenue, new_customers, new_products, new_orders) values (3, 1, 1, 0, 0, 0, 0, 0)',
    '23514', 'new row for relation "imports" violates check constraint "imports_lines_add_up"',
    'no line gets lost'
);

select * from finish();

rollback;
