begin;

select plan(10);

select function_returns('penstock', 'source_skeleton', array['text'], 'text');
select volatility_is('penstock', 'source_skeleton', array['text'], 'immutable');

-- Runs of blanks don't matter.
create function pg_temp.skeleton(source text) returns text language sql as
    $$select btrim(regexp_replace(penstock.source_skeleton(skeleton.source), '\s+', ' ', 'g'))$$;

select is(pg_temp.skeleton('select a - b / c'), 'select a - b / c', 'code stays');
select is(pg_temp.skeleton(e'a -- it''s\nb /* it''s * / \n */ c'), 'a b c', 'comments go, whatever they hold');
select is(pg_temp.skeleton($$a 'it''s -- no comment' b$$), $$a '' b$$, 'literals are emptied');
select is(pg_temp.skeleton('a $$ $1 -- '' $$ b $q$ $1 $ $q$ c'), $$a '' b '' c$$, 'in dollars too');
select is(
    pg_temp.skeleton('a $q$ b $body$ it''s %I $body$ c $q$ d'), $$a '%I' d$$, 'a body within a text belongs to it'
);
select is(pg_temp.skeleton($$format('%1$I = %L, 100%%, %-10s', x)$$), $$format('%1$I%L%-10s', x)$$, 'but for what format fills in');
select is(pg_temp.skeleton('$1 || $2'), '$1 || $2', 'parameters are no literals');
select is(penstock.source_skeleton(''), '', 'of nothing nothing is left');

select * from finish();

rollback;
