begin;

select plan(7);

delete from penstock.events;
insert into penstock.webhooks (url, topics) values ('https://example.org/', 'told.*') returning 'webhook:' || id as sink \gset
select penstock.emit('seen', '{}') as seen, penstock.emit('told.well', '{}') as told, penstock.emit('told.not', '{}') as due,
    penstock.emit('told.dead', '{}') as dead, penstock.emit('told.long_dead', '{}') as long_dead, penstock.emit('young', '{}') as young \gset
update penstock.events set at = now() - interval '8 days' where id <> :young;
select penstock.deliveries_done(array[:told]::bigint[], array[:'sink']);
update penstock.deliveries set due_at = null, dead_at = now() where event_id = :dead;
update penstock.deliveries set due_at = null, dead_at = now() - interval '31 days' where event_id = :long_dead;

-- Signature
select volatility_is('penstock', 'events_prune', array['timestamp with time zone', 'timestamp with time zone'], 'volatile');

-- Behaviour
set local role penstock_agent;
select is(penstock.events_prune(now() - interval '7 days', now() - interval '30 days'), 3::bigint, 'what is old and done goes');
reset role;
select set_eq('select id from penstock.events', array[:due, :dead, :young]::bigint[], 'what is due, dead or young stays');
select set_eq('select event_id from penstock.deliveries', array[:due, :dead]::bigint[], 'deliveries go with their events');
select is(penstock.events_prune(now() - interval '7 days', now() - interval '30 days'), 0::bigint, 'there is nothing more');

-- Who ends, and is told no more
select penstock.webhook_end(:'sink', 'It said so.');
select results_eq(
    'select ended_at is not null, ended_because from penstock.webhooks', $$values (true, 'It said so.')$$, 'a subscription ends'
);
select results_eq(
    format('select dead_at is not null, error from penstock.deliveries where event_id = %s', :due), $$values (true, 'It said so.')$$, 'and what it was to be told is given up'
);

select * from finish();

rollback;
