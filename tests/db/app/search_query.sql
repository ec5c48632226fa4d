begin;

select plan(9);

-- Signature
select function_returns('app', 'search_query', array['text'], 'tsquery');

-- Behaviour: as a search engine reads it.
select is(app.search_query('red lanterns'), $$'red' & 'lantern'$$::tsquery, 'all of the words');
select is(app.search_query('red or blue'), $$'red' | 'blue'$$::tsquery, 'one of the words');
select is(app.search_query('lantern -red'), $$'lantern' & !'red'$$::tsquery, 'without a word');
select is(app.search_query('lantern -"red glass"'), $$'lantern' & !('red' <-> 'glass')$$::tsquery, 'without a phrase');
select is(app.search_query('lantern - red'), $$'lantern' & 'red'$$::tsquery, 'a minus by itself says nothing');
select is(app.search_query(null), null::tsquery, 'no search');

-- Errors: there are none, also where PostgreSQL by itself has one.
select throws_ok(
    $$select websearch_to_tsquery('english', repeat('- ', 40))$$, 'XX000', null,
    'what this is here for: once this no longer fails, it can go'
);
select lives_ok(
    $$select app.search_query(repeat(t, 100)) from unnest(array['- ', '-', '--a ', '-"" ', '-" ', '-!', '-the ', '-"the" ', '"', '-( ']) as t$$,
    'any text can be searched for'
);

select * from finish();

rollback;
