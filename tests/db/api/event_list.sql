begin;

\ir ../house/personas.psql

select plan(5);

delete from penstock.events;
insert into penstock.events (xid, topic, payload, subject)
values ('4', 'order.paid', '{"n": 1}', :ada::text), ('5', 'order.paid', '{"n": 2}', :bob::text), ('6', 'news', '{"n": 3}', :sam::text);

create function pg_temp.seen(after text) returns integer[] language sql as $$
    select array_agg((e.data ->> 'n')::integer) from api.event_list(after) as e where e.data is not null
$$;

-- Signature
select function_returns('api', 'event_list', array['penstock.event_place', 'api.page_size'], 'setof api.event');

-- Behaviour
select pg_temp.be('member', :ada);
select is(pg_temp.seen('0-0'), '{1}', 'what concerns the caller');
select is(pg_temp.seen('4-99'), null, 'after the place');
select pg_temp.be('staff', :sam);
select is(pg_temp.seen('0-0'), '{3}', 'staff too');

-- Permission
reset role;
select is(pg_temp.callers('api.event_list(penstock.event_place, api.page_size)'), 'member, staff, admin', 'whoever has a token');

select * from finish();

rollback;
