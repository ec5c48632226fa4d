begin;

select plan(21);

-- Signature
select function_returns('app', 'timestamp_read', array['text'], 'timestamp with time zone');
select volatility_is('app', 'timestamp_read', array['text'], 'stable');

-- Behaviour, wherever the session is and however it writes its dates
set local timezone = 'Pacific/Auckland';
set local datestyle = 'German';
select is(app.timestamp_read('2010-12-01 08:26:00'), '2010-12-01T08:26:00Z'::timestamptz, 'UTC');
select is(app.timestamp_read('2010-12-01T08:26'), '2010-12-01T08:26:00Z'::timestamptz, 'a T, and no seconds');
select is(app.timestamp_read('2012-02-29 00:00:00'), '2012-02-29T00:00:00Z'::timestamptz, 'a leap day');
select is(app.timestamp_read('2011-12-31 23:59:59'), '2011-12-31T23:59:59Z'::timestamptz, 'the year''s last second');
select is(app.timestamp_read(x), null, format('%L is no moment', x))
from unnest(array[
    '', '2010-12-01', '01/12/2010 08:26', '2011-02-29 00:00:00', '2011-04-31 00:00:00', '2011-13-01 00:00:00',
    '2011-00-01 00:00:00', '2011-01-00 00:00:00', '2011-01-01 24:00:00', '2011-01-01 00:60:00',
    '0000-01-01 00:00:00', 'infinity', 'now', null
]) as x;

-- Permission
select function_privs_are('app', 'timestamp_read', array['text'], 'member', '{}'::text[]);

select * from finish();

rollback;
