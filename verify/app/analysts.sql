begin;

select login, countries
from app.analysts
where false;

rollback;
