begin;

select plan(18);

-- Signature
select function_returns('app', 'integer_read', array['text'], 'integer');
select volatility_is('app', 'integer_read', array['text'], 'immutable');

-- Behaviour
select is(app.integer_read('6'), 6, 'a number');
select is(app.integer_read('17850.0'), 17850, 'a whole number that was a float once');
select is(app.integer_read('-3'), -3, 'a negative number');
select is(app.integer_read('999999999'), 999999999, 'nine digits');
select is(app.integer_read(x), null, format('%L is no whole number', x))
from unnest(array['', ' ', '1.5', '1e5', '0x1', '１', '--1', '1 2', 'NaN', '9999999999', null]) as x;

-- Permission
select function_privs_are('app', 'integer_read', array['text'], 'member', '{}'::text[]);

select * from finish();

rollback;
