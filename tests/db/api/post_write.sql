begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select volatility_is('api', 'post_write', array['app.title', 'app.body'], 'volatile');

-- Behaviour
select pg_temp.be('member', :ada);
select is(
    (select (p.author_id, p.author, p.title, p.published_at)::text from api.post_write('Hello', 'World') as p),
    '(' || :ada || ',ada,Hello,)', 'a draft of the caller''s'
);

-- Errors
select is(pg_temp.refusal($$select api.post_write(e' \t\n', 'World')$$),
    '23514 title_not_blank: value for domain app.title violates check constraint "title_not_blank"', 'a title says something');
select throws_ok($$select api.post_write(repeat('x', 201), 'World')$$, '23514', null, 'in 200 characters');
select throws_ok($$select api.post_write('Hello', '')$$, '23514', null, 'and so does a post');
select throws_ok($$select api.post_write('Hello', null)$$, '23502', null, 'there is no post without a text');
select pg_temp.be('member');
select throws_ok($$select api.post_write('Hello', 'World')$$, '42501', null, 'nor one without an author');

-- Permission
select is(pg_temp.callers('api.post_write(app.title, app.body)'), 'member, staff, admin', 'not anon');

select * from finish();

rollback;
