begin;

select account, device, recent
from auth.login_attempts
where false;

rollback;
