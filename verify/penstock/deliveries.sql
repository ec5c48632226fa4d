begin;

select event_id, sink, key, attempts, due_at, delivered_at, dead_at, error
from penstock.deliveries
where false;

rollback;
