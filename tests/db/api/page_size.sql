begin;

\ir ../house/personas.psql

select plan(6);

select has_domain('api', 'page_size', 'there is a type for the size of pages');
select domain_type_is('api', 'page_size', 'pg_catalog', 'integer', 'a page size is an integer');

select lives_ok('select 1::api.page_size', 'one entry a page');
select lives_ok('select 100::api.page_size', 'a hundred entries a page');
select is(pg_temp.refusal('select 0::api.page_size'),
    '23514 page_size_in_range: value for domain api.page_size violates check constraint "page_size_in_range"',
    'no page is empty');
select throws_ok('select 101::api.page_size', '23514', null, 'no page holds more than a hundred');

select * from finish();

rollback;
