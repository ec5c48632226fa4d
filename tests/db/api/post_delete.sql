begin;

\ir ../house/personas.psql

select plan(7);

-- Signature
select function_returns('api', 'post_delete', array['bigint'], 'void');

-- Behaviour
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

select pg_temp.be('member', :ada);
select lives_ok(format('select api.post_delete(%s)', :draft), 'authors delete what is theirs');
select pg_temp.be('admin', :eve);
select lives_ok(format('select api.post_delete(%s)', :first), 'admins delete anybody''s');
reset role;
select results_eq('select title::text from app.posts order by id', array['Second', 'Secret'], 'those two are gone');

-- Errors
select pg_temp.be('member', :bob);
select is(pg_temp.refusal(format('select api.post_delete(%s)', :second)),
    'P0002: There is no post ' || :second || ' that you may delete.', 'nobody else''s, though it can be read');
select pg_temp.be('staff', :sam);
select throws_ok(format('select api.post_delete(%s)', :second), 'P0002', null, 'staff run the shop, not the posts');

-- Permission
select is(pg_temp.callers('api.post_delete(bigint)'), 'member, staff, admin', 'not anon');

select * from finish();

rollback;
