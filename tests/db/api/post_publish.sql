begin;

\ir ../house/personas.psql

select plan(5);

-- Signature
select volatility_is('api', 'post_publish', array['bigint'], 'volatile');

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
select is((select p.published_at from api.post_publish(:draft) as p), now(), 'a draft is published now');
select is((select p.published_at from api.post_publish(:first) as p), '2024-01-01'::timestamptz, 'what was published stays as of then');

-- Errors
select is(pg_temp.refusal(format('select api.post_publish(%s)', :secret)),
    'P0002: There is no post ' || :secret || ' that you may publish.', 'nobody else''s');

-- Permission
select is(pg_temp.callers('api.post_publish(bigint)'), 'member, staff, admin', 'not anon');

select * from finish();

rollback;
