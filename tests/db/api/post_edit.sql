begin;

\ir ../house/personas.psql

select plan(6);

-- Signature
select volatility_is('api', 'post_edit', array['bigint', 'app.title', 'app.body'], 'volatile');

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
select is((select (p.title, p.body)::text from api.post_edit(:draft, 'Better') as p), '(Better,Three)', 'what is left out stays');
select is((select (p.title, p.body)::text from api.post_edit(:first, body => 'Uno') as p), '(First,Uno)', 'also in what is published');

-- Errors
select is(pg_temp.refusal(format('select api.post_edit(%s, %L)', :secret, 'Mine')),
    'P0002: There is no post ' || :secret || ' that you may change.', 'nobody else''s');
select pg_temp.be('admin', :eve);
select throws_ok(format('select api.post_edit(%s, %L)', :first, 'Mine'), 'P0002', null, 'admins change nobody''s words');

-- Permission
select is(pg_temp.callers('api.post_edit(bigint, app.title, app.body)'), 'member, staff, admin', 'not anon');

select * from finish();

rollback;
