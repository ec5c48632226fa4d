begin;

\ir ../house/personas.psql

select plan(4);

select is(app.welcome_mail('zoe@example.org', 'zoe') - 'text', '{"to": "zoe@example.org", "subject": "Welcome, zoe"}', 'to the address, by name');
select matches(app.welcome_mail('zoe@example.org', 'zoe') ->> 'text', '^Hello zoe,', 'with a text');

-- Whoever registers is written to.
select pg_temp.be('anon');
select api.user_register('zoe@example.org', 'zoe', '$argon2id$v=19$zoe');
reset role;
select is((select e.payload from penstock.events as e where e.topic = 'mail'), app.welcome_mail('zoe@example.org', 'zoe'), 'whoever registers is welcomed');
select is((select array_agg(d.sink) from penstock.deliveries as d), '{mail}', 'by mail');

select * from finish();

rollback;
