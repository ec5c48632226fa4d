begin;

select from_status, to_status
from app.order_transitions
where false;

rollback;
