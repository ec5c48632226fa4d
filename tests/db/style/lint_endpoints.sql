begin;

select plan(11);

create function pg_temp.faults() returns setof text language sql as
    $$select l.rule || ' ' || l.object from penstock.lint_endpoints as l order by l.rule$$;

select is_empty('select pg_temp.faults()', 'every endpoint is one');

set local role penstock_owner;
create function api.planted_get() returns void stable language sql as '';
select results_eq('select pg_temp.faults()', array['endpoint_route api.planted_get()'], 'without a comment');
comment on function api.planted_get() is 'Plants a HTTP GET /planted somewhere.';
select results_eq('select pg_temp.faults()', array['endpoint_route api.planted_get()'], 'a path amid a sentence');
comment on function api.planted_get() is e'Plants.\n\nHTTP GET /planted';
select results_eq('select pg_temp.faults()', array['endpoint_roles api.planted_get()'], 'nobody may call it');
select matches((select l.message from penstock.lint_endpoints as l), 'GET /planted, .* grant execute', 'what, and what to do');
grant execute on function api.planted_get() to penstock_clerk;
select results_eq('select pg_temp.faults()', array['endpoint_roles api.planted_get()'], 'nobody who comes through the API');
grant execute on function api.planted_get() to admin;
select is_empty('select pg_temp.faults()', 'near: one may');

create function app.planted_get() returns void stable language sql as '';
comment on function app.planted_get() is e'Plants, and HTTP GET /planted is what calls it.';
select is_empty('select pg_temp.faults()', 'near: a helper that speaks of a path');
comment on function app.planted_get() is e'Plants.\n\n  HTTP GET /planted';
select results_eq('select pg_temp.faults()', array['endpoint_schema app.planted_get()'], 'an endpoint in the wrong room');
drop function app.planted_get();

create view app.planted as select 1 as one;
comment on view app.planted is 'What HTTP GET /planted reads.';
select is_empty('select pg_temp.faults()', 'near: a view that speaks of a path');
comment on view app.planted is e'Plants.\nHTTP GET /planted';
select results_eq('select pg_temp.faults()', array['endpoint_function app.planted'], 'a route that no function answers');

select * from finish();

rollback;
