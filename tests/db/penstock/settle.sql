begin;

\ir ../house/personas.psql

select plan(5);

create table public.late (n integer);
grant insert on public.late to member;
create function public.late_touch() returns trigger language plpgsql as $$
begin
    perform penstock.touch('late');
    return null;
end
$$;
create constraint trigger late_touch after insert on public.late
    deferrable initially deferred for each row execute function public.late_touch();
create function pg_temp.touched() returns boolean language sql as $$
    select coalesce(current_setting('penstock.touched', true), '') like '%late%'
$$;

-- Signature
select volatility_is('penstock', 'settle', '{}'::name[], 'volatile');

-- Behaviour
select pg_temp.be('member', :ada);
insert into public.late values (1);
select ok(not pg_temp.touched(), 'what is put off has touched nothing yet');
select lives_ok('select penstock.settle()', 'until it is settled');
select ok(pg_temp.touched(), 'and is known then');

-- Permission
select is(pg_temp.callers('penstock.settle()'), 'anon, member, staff, admin', 'for whoever may call');

select * from finish();

rollback;
