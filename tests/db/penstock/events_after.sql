begin;

\ir ../house/personas.psql

select plan(19);

delete from penstock.events;

-- Of transactions that are over, and of this one, which still runs.
insert into penstock.events (xid, topic, payload, subject, role)
values
    ('5', 'order.paid', '{"n": 1}', :ada::text, null),
    ('4', 'order.placed', '{"n": 2}', :ada::text, null),
    ('5', 'order.placed', '{"n": 3}', :bob::text, null),
    ('6', 'news', '{"n": 4}', null, 'member'),
    ('6', 'news', '{"n": 5}', :ada::text, 'member'),
    ('6', 'secret', '{"n": 6}', null, null),
    (pg_current_xact_id(), 'order.shipped', '{"n": 7}', :ada::text, null);

create function pg_temp.seen(after text, "limit" integer default 100, topics text default null) returns integer[] language sql as $$
    select array_agg((e.data ->> 'n')::integer) from penstock.events_after(after, "limit", topics) as e where e.data is not null
$$;

-- Signature
select volatility_is('penstock', 'events_after', array['penstock.event_place', 'integer', 'text'], 'stable');
select isnt_definer('penstock', 'events_after', array['penstock.event_place', 'integer', 'text']);

-- Whose they are
select pg_temp.be('member', :ada);
select is(pg_temp.seen('0-0'), '{2,1,4,5}', 'one''s own and those of one''s role, in the order of transactions');
select pg_temp.be('member', :bob);
select is(pg_temp.seen('0-0'), '{3,4,5}', 'nobody else''s');
select pg_temp.be('anon');
select is(pg_temp.seen('0-0'), null, 'nobody''s without a token');
select pg_temp.be('staff', :sam);
select is(pg_temp.seen('0-0'), null, 'staff have none of their own here');
select is(pg_temp.seen('0-0', topics => 'order.*'), '{2,1,3}', 'but see what happens to orders');
select is(pg_temp.seen('0-0', topics => 'order.paid'), '{1}', 'or to be paid');
select is(pg_temp.seen('0-0', topics => '*'), '{2,1,3}', 'and no more than that');
select pg_temp.be('member', :bob);
select is(pg_temp.seen('0-0', topics => 'order.*'), '{3}', 'by whatever topic, others'' stay out of sight');

-- Places
select pg_temp.be('member', :ada);
select is((select array_agg(e.id is null) from penstock.events_after('0-0', 100) as e where e.data is null), '{f}', 'a last row says that there are no more');
select results_eq(
    $$select e.id = pg_snapshot_xmin(pg_current_snapshot()) || '-0', e.event, e.data from penstock.events_after(null, 100) as e$$,
    $$values (true, null::text, null::jsonb)$$, 'a stream that begins now begins where no transaction runs any more'
);
select is((select count(*) from penstock.events_after('0-0', 2)), 2::bigint, 'a full page says nothing of that');
select is(pg_temp.seen((select e.id from penstock.events_after('0-0', 2) as e offset 1)), '{4,5}', 'and is gone on from');
reset role;
select is((select max(e.id) from penstock.events as e where e.payload ->> 'n' = '7' and e.xid < pg_snapshot_xmin(pg_current_snapshot())), null, 'what may still be rolled back is not shown');

-- Errors
select throws_ok($$select penstock.events_after('abc', 1)$$, '23514', null, 'a place has a form');
select throws_ok($$select penstock.events_after('999999999999999999-1', 1)$$, 'PT410', null, 'a place of the future is of another database');

-- The index of one's own, however much there is of others'
insert into penstock.events (xid, topic, payload, subject)
select '7', 'order.paid', '{}', (1000 + n)::text from generate_series(1, 5000) as n;
analyze penstock.events;
select pg_temp.be('member', :ada);
select matches(
    pg_temp.plan_of(format(
        'select s.id from penstock.events as s where s.subject = %L and (s.xid, s.id) > (''1'', 0) and s.xid < ''100'' order by s.xid, s.id limit 100', :ada
    )),
    'Index Scan using events_by_subject', 'is found by the index'
);

-- Permission
reset role;
select is(pg_temp.callers('penstock.events_after(penstock.event_place, integer, text)'), 'anon, member, staff, admin', 'everybody, of what is theirs');

select * from finish();

rollback;
