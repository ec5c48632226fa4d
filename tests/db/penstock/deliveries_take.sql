begin;

select plan(17);

delete from penstock.events;
delete from penstock.webhooks;

create function pg_temp.say(key text) returns bigint language sql as $$
    select penstock.emit('mail', '{"to": "a@b.org", "subject": "Hello", "text": "Hello."}', key)
$$;
create function pg_temp.taken(skipped text[] default '{}') returns setof bigint language sql as $$
    select t.event_id from penstock.deliveries_take(100, '1 minute', skipped) as t order by 1
$$;
select pg_temp.say('a') as a1, pg_temp.say('a') as a2, pg_temp.say('b') as b1, pg_temp.say(null) as n1, pg_temp.say(null) as n2 \gset

-- Signature
select volatility_is('penstock', 'deliveries_take', array['integer', 'interval', 'text[]'], 'volatile');

-- In turn
select is_empty($$select pg_temp.taken('{mail}')$$, 'what goes to a sink that is skipped waits');
select results_eq('select pg_temp.taken()', array[:a1, :b1, :n1, :n2]::bigint[], 'the first of each key, and all without');
select is_empty('select pg_temp.taken()', 'what is taken is nobody else''s');
select penstock.deliveries_done(array[:b1, :n1], '{mail,mail}');
select is_empty('select pg_temp.taken()', 'nor is what comes after it');
select penstock.deliveries_done(array[:a1], '{mail}');
select results_eq('select pg_temp.taken()', array[:a2]::bigint[], 'until it is delivered');

-- A lease ends: whoever took it may be dead.
update penstock.deliveries set due_at = clock_timestamp() - interval '1 second' where event_id = :n2;
select results_eq('select t.event_id, t.attempt from penstock.deliveries_take(1, ''1 minute'') as t', format('values (%s::bigint, 2)', :n2), 'it is taken again');
select is((select d.delivered_at is null from penstock.deliveries as d where d.event_id = :a2), true, 'and not delivered yet');

-- Failed attempts
select pg_temp.say('a') as a3 \gset
select penstock.delivery_fail(:a2, 'mail', 1, 'busy', '1 hour');
select results_eq(
    format('select due_at > now() + interval ''50 minutes'', error from penstock.deliveries where event_id in (%s, %s) order by event_id', :a2, :a3),
    $$values (true, 'busy'), (true, null)$$, 'it waits, and so does what is behind it'
);
select is_empty('select pg_temp.taken()', 'neither is taken');
update penstock.deliveries set due_at = clock_timestamp() where due_at is not null and event_id in (:a2, :a3);
select results_eq('select pg_temp.taken()', array[:a2]::bigint[], 'it comes first again');
select penstock.delivery_fail(:a2, 'mail', 1, 'late news of the first attempt', null);
select is((select d.dead_at from penstock.deliveries as d where d.event_id = :a2), null, 'what an earlier attempt came to counts no more');

-- Given up
select penstock.delivery_fail(:a2, 'mail', 2, 'refused', null);
select results_eq('select event_id, sink, error from penstock.dead_letters', format('values (%s::bigint, ''mail'', ''refused'')', :a2), 'a dead letter is seen');
select results_eq('select pg_temp.taken()', array[:a3]::bigint[], 'and keeps nobody waiting');
select is(penstock.delivery_retry('webhook:1'), 0::bigint, 'of another sink there is none');
select is(penstock.delivery_retry('mail', :a2), 1::bigint, 'it is sent again when somebody says so');

-- Permission
select function_privs_are('penstock', 'deliveries_take', array['integer', 'interval', 'text[]'], 'penstock_agent', array['EXECUTE']);

select * from finish();

rollback;
