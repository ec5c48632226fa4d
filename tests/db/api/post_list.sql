begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select volatility_is('api', 'post_list', array['api.page_size', 'jsonb'], 'stable');

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
select results_eq('select title::text from api.post_list()', array['Second', 'First'], 'what is published, the newest first');
select results_eq('select title::text from api.post_list(1)', array['Second'], 'a page');
select results_eq(
    format('select title::text from api.post_list(1, %L)', (select to_jsonb(p) from api.post_list(1) as p)),
    array['First'], 'and the next, from the last row of the first'
);
select pg_temp.be('member', :ada);
select results_eq('select title::text from api.post_list()', array['Second', 'First'], 'no draft among them, not even to its author');

-- Two posts of the same instant keep their places.
reset role;
update app.posts set published_at = '2024-01-01' where published_at is not null;
select pg_temp.be('anon');
select results_eq(
    format('select title::text from api.post_list(1, %L)', (select to_jsonb(p) from api.post_list(1) as p)),
    array['First'], 'the id decides'
);

set local enable_seqscan = off;
select matches(pg_temp.plan_of('select * from api.post_list()'), 'Index Scan using posts_published ', 'straight from the index');

-- Permission
select is(pg_temp.callers('api.post_list(api.page_size, jsonb)'), 'anon, member, staff, admin', 'everybody');

select * from finish();

rollback;
