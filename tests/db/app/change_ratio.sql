begin;

select plan(8);

-- Signature
select function_returns('app', 'change_ratio', array['numeric', 'numeric'], 'numeric');

-- Behaviour
select is(app.change_ratio(4, 5), 0.25, 'a quarter more');
select is(app.change_ratio(10, 9), -0.1, 'a tenth less');
select is(app.change_ratio(3, 3), 0.0, 'no change');
select is(app.change_ratio(3, 0), -1.0, 'all gone');
select is(app.change_ratio(3, 4), 0.3333, 'four decimals');
select is(app.change_ratio(0, 5), null, 'nothing to compare with');
select is(app.change_ratio(null, 5), null, 'nor here');

select * from finish();

rollback;
