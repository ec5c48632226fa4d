begin;

\ir ../house/personas.psql

select plan(7);

-- Signature
select volatility_is('api', 'user_posts', array['bigint', 'api.page_size', 'jsonb'], 'stable');

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
select results_eq(format('select title::text from api.user_posts(%s)', :ada), array['Second', 'First'], 'what a user has published');
select is_empty(format('select api.user_posts(%s)', :bob), 'nothing yet');
select is_empty('select api.user_posts(-1)', 'nobody has this number');
select pg_temp.be('member', :ada);
select results_eq(format('select title::text from api.user_posts(%s)', :ada), array['Draft', 'Second', 'First'], 'authors see their drafts');
select results_eq(
    format('select title::text from api.user_posts(%s, 1, %L)', :ada, jsonb_build_object('id', :draft)),
    array['Second'], 'page by page'
);

-- Permission
select is(pg_temp.callers('api.user_posts(bigint, api.page_size, jsonb)'), 'anon, member, staff, admin', 'everybody');

select * from finish();

rollback;
