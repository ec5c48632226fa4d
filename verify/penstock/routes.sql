begin;

select method, path, function, volatility, roles
from penstock.routes
where false;

rollback;
