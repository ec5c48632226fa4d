begin;

select id, xid, at, message, topic, payload, key, subject, role
from penstock.events
where false;

rollback;
