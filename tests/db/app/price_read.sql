begin;

select plan(17);

-- Signature
select function_returns('app', 'price_read', array['text'], 'numeric');
select volatility_is('app', 'price_read', array['text'], 'immutable');

-- Behaviour
select is(app.price_read('2.55'), 2.55, 'pounds and pence');
select is(app.price_read('7.5'), 7.50, 'tenths');
select is(app.price_read('8'), 8.00, 'pounds');
select is(app.price_read('2.5500'), 2.55, 'noughts at the end say nothing');
select is(app.price_read('-11062.06'), -11062.06, 'a negative price can be read; the rules refuse it');
select is(app.price_read(x), null, format('%L is no price', x))
from unnest(array['', '0.001', '1,000.00', '£5', '1e3', 'NaN', 'Infinity', '1000000', null]) as x;

-- Permission
select function_privs_are('app', 'price_read', array['text'], 'member', '{}'::text[]);

select * from finish();

rollback;
