begin;

select xid, tags
from penstock.touches
where false;

rollback;
