begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select volatility_is('api', 'post_get', array['bigint'], 'stable');

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

select pg_temp.be('anon');
select is((select (p.author, p.title)::text from api.post_get(:first) as p), '(ada,First)', 'everybody reads what is published');
select is_empty(format('select api.post_get(%s)', :draft), 'and no draft');
select pg_temp.be('member', :ada);
select is((select p.title::text from api.post_get(:draft) as p), 'Draft', 'but for its author');
select is_empty(format('select api.post_get(%s)', :secret), 'who reads nobody else''s');
select pg_temp.be('admin', :eve);
select is((select p.title::text from api.post_get(:secret) as p), 'Secret', 'admins read all');

set local enable_seqscan = off;  -- a handful of rows is read faster without an index
select doesnt_match(pg_temp.plan_of('select * from api.post_get(1)'), 'Function Scan', 'inlined');

-- Permission
select is(pg_temp.callers('api.post_get(bigint)'), 'anon, member, staff, admin', 'everybody');

select * from finish();

rollback;
