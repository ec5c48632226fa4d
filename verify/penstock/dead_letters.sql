begin;

select event_id, sink, key, topic, payload, at, dead_at, attempts, error
from penstock.dead_letters
where false;

rollback;
