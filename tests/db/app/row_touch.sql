begin;

\ir ../house/personas.psql

select plan(5);

-- Every table with updated_at keeps it.
select trigger_is(c.table_schema, c.table_name, 'touch', 'app', 'row_touch')
from information_schema.columns as c
join information_schema.tables as t using (table_schema, table_name)
where c.column_name = 'updated_at'
    and c.table_schema = 'app'
    and t.table_type = 'BASE TABLE';

update app.users set updated_at = '2020-01-01';
select is((select u.updated_at from app.users as u where u.id = :ada), now(), 'whatever the writer says');

select * from finish();

rollback;
