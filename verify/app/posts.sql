begin;

select id, author_id, title, body, published_at, created_at, updated_at
from app.posts
where false;

rollback;
