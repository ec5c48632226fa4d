begin;

select plan(4);

-- Signature
select has_function('{schema}', '{name}', array['text']);
select volatility_is('{schema}', '{name}', array['text'], '{volatility}');

-- Behaviour
select is({schema}.{name}('there'), 'Hello, there', 'it greets');

-- Permission
select function_privs_are(
    '{schema}', '{name}', array['text'], 'anon', array['EXECUTE'], 'everybody may run it'
);

select * from finish();

rollback;
