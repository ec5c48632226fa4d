begin;

select id, one
from penstock.incarnation
where false;

rollback;
