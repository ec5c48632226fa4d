begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select volatility_is('api', 'user_list_with_posts', array['api.page_size', 'jsonb', 'api.page_size'], 'stable');

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

insert into app.posts (author_id, title, body, published_at) values (:sam, 'News', 'Five', '2024-02-01');

select pg_temp.be('anon');
select results_eq(
    $$select a.username::text, array(select p.title::text from unnest(a.posts) as p) from api.user_list_with_posts() as a$$,
    $$values ('ada', array['Second', 'First']), ('sam', array['News'])$$,
    'those who have published, with what they published, the newest first'
);
select results_eq(
    $$select array(select p.title::text from unnest(a.posts) as p) from api.user_list_with_posts(latest => 1) as a$$,
    $$values (array['Second']), (array['News'])$$,
    'as many of each as are asked for'
);
select results_eq(
    format('select username::text from api.user_list_with_posts(1, %L)', jsonb_build_object('id', :ada)),
    array['sam'], 'page by page'
);
select pg_temp.be('member', :ada);
select is(
    (select cardinality(a.posts) from api.user_list_with_posts() as a where a.id = :ada), 2, 'drafts stay drafts, also to their author'
);
reset role;
update app.users set is_active = false where id = :sam;
select pg_temp.be('anon');
select results_eq('select username::text from api.user_list_with_posts()', array['ada'], 'who is not active is not shown');

-- One call, one query: the posts come by a lateral join.
select doesnt_match(pg_temp.plan_of('select * from api.user_list_with_posts()'), 'Function Scan', 'inlined');

-- Permission
select is(pg_temp.callers('api.user_list_with_posts(api.page_size, jsonb, api.page_size)'), 'anon, member, staff, admin', 'everybody');

select * from finish();

rollback;
