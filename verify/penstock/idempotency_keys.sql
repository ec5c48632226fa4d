begin;

select id, route, request, status, headers, body, xid, kept_at
from penstock.idempotency_keys
where false;

rollback;
