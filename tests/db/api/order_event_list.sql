begin;

\ir ../house/personas.psql

select plan(5);

delete from penstock.events;
insert into penstock.events (xid, topic, payload, subject)
values ('4', 'order.paid', '{"n": 1}', :ada::text), ('5', 'order.paid', '{"n": 2}', :bob::text), ('6', 'news', '{"n": 3}', :sam::text);

create function pg_temp.seen(after text) returns integer[] language sql as $$
    select array_agg((e.data ->> 'n')::integer) from api.order_event_list(after) as e where e.data is not null
$$;

-- Signature
select function_returns('api', 'order_event_list', array['penstock.event_place', 'api.page_size'], 'setof api.event');

-- Behaviour
select pg_temp.be('staff', :sam);
select is(pg_temp.seen('0-0'), '{1,2}', 'what happens to orders');
select is(pg_temp.seen('4-99'), '{2}', 'after the place');
select pg_temp.be('admin', :eve);
select is(pg_temp.seen('0-0'), '{1,2}', 'admins too');

-- Permission
reset role;
select is(pg_temp.callers('api.order_event_list(penstock.event_place, api.page_size)'), 'staff, admin', 'whoever works here');

select * from finish();

rollback;
