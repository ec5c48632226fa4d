begin;

select plan(11);

-- Signature
select function_returns('app', 'field_read', array['text'], 'text');
select volatility_is('app', 'field_read', array['text'], 'immutable');

-- Behaviour
select is(app.field_read('a'), 'a', 'a character');
select is(app.field_read(e' \t a\n b \r\n'), e'a\n b', 'without what stands round it');
select is(app.field_read(x), null, format('%L says nothing', x))
from unnest(array['', ' ', e'\t', e'\r\n', e'\u2003', null]) as x;

-- Permission
select function_privs_are('app', 'field_read', array['text'], 'member', '{}'::text[]);

select * from finish();

rollback;
