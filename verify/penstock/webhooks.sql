begin;

select id, url, topics, secret, created_at, ended_at, ended_because
from penstock.webhooks
where false;

rollback;
