begin;

\ir ../house/personas.psql

select plan(12);

-- ada has published two posts and keeps a draft; bob keeps a draft.
insert into app.posts (author_id, title, body, published_at)
values
    (:ada, 'First', 'One', '2024-01-01'),
    (:ada, 'Second', 'Two', '2024-01-02'),
    (:ada, 'Draft', 'Three', null),
    (:bob, 'Secret', 'Four', null);
select
    max(p.id) filter (where p.title = 'First') as first,
    max(p.id) filter (where p.title = 'Second') as second,
    max(p.id) filter (where p.title = 'Draft') as draft,
    max(p.id) filter (where p.title = 'Secret') as secret
from app.posts as p
\gset

-- What each sees
select pg_temp.be('anon');
select results_eq('select title::text from app.posts order by id', array['First', 'Second'], 'anon: what is published');
select pg_temp.be('member', :bob);
select results_eq('select title::text from app.posts order by id', array['First', 'Second', 'Secret'], 'a member: their drafts too');
select pg_temp.be('staff', :sam);
select results_eq('select title::text from app.posts order by id', array['First', 'Second'], 'staff: as a member');
select pg_temp.be('admin', :eve);
select is((select count(*) from app.posts), 4::bigint, 'an admin: all');
select pg_temp.be('penstock_owner');
select is((select count(*) from app.posts), 4::bigint, 'the owner''s migrations: all');

-- What each changes
select pg_temp.be('member', :bob);
select is(pg_temp.changes('update app.posts set title = ''X'''), 1::bigint, 'a member changes what is theirs alone');
select is(pg_temp.changes('delete from app.posts'), 1::bigint, 'and deletes what is theirs alone');
select throws_ok(
    format('insert into app.posts (author_id, title, body) values (%s, ''X'', ''Y'')', :ada),
    '42501', 'new row violates row-level security policy for table "posts"', 'nobody writes in another''s name'
);
select throws_ok(format('update app.posts set author_id = %s', :ada), '42501', null, 'nor gives a post away');
select pg_temp.be('admin', :eve);
select is(pg_temp.changes('update app.posts set title = ''X'''), 0::bigint, 'an admin changes nobody''s words');
select is(pg_temp.changes('delete from app.posts'), 3::bigint, 'but deletes any');
select pg_temp.be('anon');
select throws_ok('delete from app.posts', '42501', null, 'anon changes nothing');

select * from finish();

rollback;
