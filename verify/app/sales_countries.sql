begin;

select day, country, orders, units, revenue
from app.sales_countries
where false;

rollback;
