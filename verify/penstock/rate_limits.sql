begin;

select key, whole_at
from penstock.rate_limits
where false;

rollback;
