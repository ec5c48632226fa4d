begin;

\ir ../house/personas.psql

select plan(21);

delete from penstock.events;
delete from penstock.webhooks;
delete from penstock.touches;
select set_config('penstock.touched', '', true);
insert into penstock.webhooks (url, topics) values ('https://example.org/all', '*') returning id as everything \gset
insert into penstock.webhooks (url, topics) values ('https://example.org/orders', 'order.*') returning id as orders \gset
insert into penstock.webhooks (url, topics) values ('https://example.org/paid', 'order.paid') returning id as paid \gset
insert into penstock.webhooks (url, topics, ended_at) values ('https://example.org/ended', '*', now());

-- Signature
select function_owner_is('penstock', 'emit', array['text', 'jsonb', 'text', 'text', 'name'], 'penstock_agent');
select is_definer('penstock', 'emit', array['text', 'jsonb', 'text', 'text', 'name']);

-- Behaviour
select pg_temp.be('member', :ada);
select penstock.emit('order.paid', '{"order_id": 1}', key => 'order:1', subject => '7', role => 'staff') as number \gset
reset role;
select results_eq(
    'select xid, topic, payload, key, subject, role = ''staff'' from penstock.events',
    $$values (pg_current_xact_id(), 'order.paid', '{"order_id": 1}'::jsonb, 'order:1', '7', true)$$, 'an event is written'
);
select set_eq(
    'select sink from penstock.deliveries',
    array['webhook:' || :everything, 'webhook:' || :orders, 'webhook:' || :paid], 'to each subscription that fits, and has not ended'
);
select set_eq('select key from penstock.deliveries', array['order:1'], 'with its key');
select is(
    (select array_agg(t.tag order by t.tag) from penstock.touches as p, unnest(p.tags) as t (tag)),
    '{events,events_for:staff,events_of:7}', 'and whoever may see it is looked up again'
);

delete from penstock.events;
select lives_ok($$select penstock.emit('stock.low', '{}')$$, 'a topic that fewer asked for');
select set_eq('select sink from penstock.deliveries', array['webhook:' || :everything], 'goes to these alone');

-- A topic is not the beginning of another.
delete from penstock.events;
select penstock.emit('orders', '{}');
select set_eq('select sink from penstock.deliveries', array['webhook:' || :everything], 'order.* is not orders');

-- Mails
delete from penstock.events;
select lives_ok($$select penstock.emit('mail', '{"to": "a@b.org", "subject": "Hello", "text": "Hello."}')$$, 'a mail');
select set_eq('select sink from penstock.deliveries', array['mail'], 'goes by mail, and no webhook hears of it');

-- What is rolled back has told nobody.
savepoint before;
select penstock.emit('order.paid', '{}');
rollback to before;
select is((select count(*) from penstock.events), 1::bigint, 'a savepoint takes the event back');
select is((select count(*) from penstock.deliveries), 1::bigint, 'and its deliveries');

-- Errors
select throws_ok($$select penstock.emit('Order paid', '{}')$$, '23514', null, 'a topic has a form');
select throws_ok($$select penstock.emit('order', null)$$, '23502', null, 'something must be said');
select throws_ok($$select penstock.emit('mail', '{"to": "a@b.org", "text": ""}')$$, '23514', null, 'a mail has a subject');
select throws_ok($$select penstock.emit('mail', '{"to": 7, "subject": "", "text": ""}')$$, '23514', null, 'and somebody it goes to');
select throws_ok(
    $$select penstock.emit('mail', '{"to": "a@b.org", "subject": "Hello\r\nBcc: x@y.org", "text": ""}')$$,
    '23514', null, 'no header comes with the subject'
);

-- Permission
select is(pg_temp.callers('penstock.emit(text, jsonb, text, text, name)'), 'anon, member, staff, admin', 'whoever makes something happen says so');
select pg_temp.be('member', :ada);
select throws_ok('select secret from penstock.webhooks', '42501', null, 'no caller reads a secret');
select throws_ok($$insert into penstock.events (topic, payload) values ('order.paid', '{}')$$, '42501', null, 'nor writes an event by themselves');

select * from finish();

rollback;
