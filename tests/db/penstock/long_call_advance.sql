begin;

\ir ../house/personas.psql
\ir ../house/long_calls.psql

select plan(8);

-- Signature
select volatility_is('penstock', 'long_call_advance', array['uuid', 'bigint'], 'volatile');
select is_definer('penstock', 'long_call_advance', array['uuid', 'bigint']);

-- Behaviour
select pg_temp.be('member', :ada);
select penstock.long_call_advance(:'theirs', 2);
select penstock.long_call_advance(:'ours', 2);
reset role;
select results_eq(
    'select done from penstock.long_calls order by id',
    array[2, 0]::bigint[],
    'goes on with what is the caller''s'
);
select pg_temp.be('staff', :ada);
select penstock.long_call_advance(:'ours', 3);
reset role;
select is(c.done, 2::bigint, 'in the role in which they called') from penstock.long_calls as c where c.id = :'ours';
select pg_temp.be('member', :ada);
select penstock.long_call_advance(:'ours', 1000);
select is(c.done, c.lines, 'and to no more lines than there are') from penstock.long_calls as c where c.id = :'ours';
select penstock.long_call_advance(:'ours', 1);
select penstock.long_call_end(:'ours', 201, '{}');
select is(c.done, c.lines, 'one that is done is through with all') from penstock.long_calls as c where c.id = :'ours';
select penstock.long_call_advance(:'ours', 1);
select is(c.done, c.lines, 'and goes nowhere from there') from penstock.long_calls as c where c.id = :'ours';

-- Permission
reset role;
select is(pg_temp.callers('penstock.long_call_advance(uuid, bigint)'), 'member, staff, admin');

select * from finish();

rollback;
