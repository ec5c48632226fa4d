begin;

select plan(26);

select function_returns('penstock', 'dynamic_sql_quoted', array['text', 'text[]'], 'boolean');
select volatility_is('penstock', 'dynamic_sql_quoted', array['text', 'text[]'], 'immutable');

select ok(penstock.dynamic_sql_quoted(e.expression, '{number,t}'), 'quoted: ' || e.expression)
from unnest(array[
    $$''$$,
    $$'' || ''$$,
    $$'' || quote_ident(a || b) || '' || quote_literal(lower(trim(c)))$$,
    $$format('%I%L', a, lower(b || c))$$,
    $$format('%s%I', a::regclass, b)$$,
    $$format('%2$s%1$I', a, b::integer)$$,
    $$format('%s', format('%I', a))$$,
    $$format('%I%s', a, string_agg(quote_ident(b), '' order by b))$$,
    $$'' || number || t.number || x."number"$$,
    $$'' || case when a = b then '' else '' end$$,
    $$'' || (select string_agg(quote_ident(a), '') filter (where a <> b) from t where t.a = c)$$
]) as e (expression);

select ok(not penstock.dynamic_sql_quoted(e.expression, '{number}'), 'not quoted: ' || e.expression)
from unnest(array[
    'a',
    $$'' || a$$,
    $$a || ''$$,
    $$'' || quote_ident(a) || b$$,
    $$format('%s', a)$$,
    $$format('%I%s', b::regclass, a)$$,
    $$format('%2$s%1$I', a::regclass, b)$$,
    $$format(a, b)$$,
    $$format('%s', lower(a))$$,
    $$'' || a::text$$,
    $$'' || case when a = b then '' else a end$$,
    $$'' || (select a from t)$$,
    $$concat('', a)$$
]) as e (expression);

select * from finish();

rollback;
