begin;

\ir ../house/personas.psql

select plan(15);

create function pg_temp.touched() returns text[] language sql as $$
    select (nullif(current_setting('penstock.touched', true), '')::text[])[2:]
$$;
create function pg_temp.stored() returns setof text[] language sql as $$
    select t.tags from penstock.touches as t where t.xid = pg_current_xact_id() order by t.ctid
$$;
-- What the personas touched on their way in is another story.
delete from penstock.touches;
select set_config('penstock.touched', '', true);

-- Signature
select volatility_is('penstock', 'touch', array['text[]'], 'volatile');

-- Behaviour
select penstock.touch('products', 'product:7');
select is(pg_temp.touched(), '{products,product:7}', 'the API that runs the transaction reads it from a setting');
select results_eq('select pg_temp.stored()', $$values ('{products,product:7}'::text[])$$, 'all others from the table');

select penstock.touch('product:7');
select is((select count(*) from pg_temp.stored()), 1::bigint, 'what is said twice is written once');
select penstock.touch('product:8', 'products');
select is(pg_temp.touched(), '{products,product:7,product:8,products}', 'a new tag is added to the known');

-- A savepoint takes back what was touched since, in both places.
savepoint before;
select penstock.touch('users');
rollback to before;
select is(pg_temp.touched(), '{products,product:7,product:8,products}', 'a savepoint takes the setting back');
select is((select count(*) from pg_temp.stored()), 2::bigint, 'and the row');

-- More than a hundred are named by their kind.
select penstock.touch(variadic array(select 'order:' || n from generate_series(1, 120) as n));
select is((pg_temp.touched())[5:], '{order:*}', 'a hundred orders are order:*');
select penstock.touch('order:500');
select is((pg_temp.touched())[5:], '{order:*,order:500}', 'few are named again');
do $$begin for n in 1..300 loop perform penstock.touch('thing:' || n); end loop; end$$;
select cmp_ok(cardinality(pg_temp.touched()), '<=', 102, 'a loop does not make the list endless');
select is((pg_temp.touched())[cardinality(pg_temp.touched())], 'thing:*', 'it ends with the kind');

-- A setting of the session's, or of another transaction's, hides nothing.
select set_config('penstock.touched', '{1,products}', true);
select penstock.touch('products');
select is(pg_temp.touched(), '{products}', 'what was not touched by this transaction is not known');

-- Permission
select pg_temp.be('anon');
select lives_ok($$select penstock.touch('products')$$, 'whoever may change something may say so');
select throws_ok('select * from penstock.touches', '42501', null, 'but not read it');
select throws_ok($$insert into penstock.touches (tags) values ('{}')$$, '42501', null, 'nor write it');

select * from finish();

rollback;
