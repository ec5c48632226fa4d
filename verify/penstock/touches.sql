begin;

select xid, tags, at
from penstock.touches
where false;

rollback;
