begin;

select plan(1);

select fail('{schema}.{name} has no test yet');

select * from finish();

rollback;
