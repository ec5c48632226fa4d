begin;

select plan(7);

create function pg_temp.faults() returns setof text language sql as
    $$select l.rule from penstock.lint_tables as l where l.object = 'app.planted' order by l.rule$$;

create table app.planted (id bigint);
alter table app.planted owner to penstock_owner;
select results_eq('select pg_temp.faults()', array['owner_policy', 'rls_forced'], 'no policy at all');

alter table app.planted enable row level security;
select results_eq('select pg_temp.faults()', array['owner_policy', 'rls_forced'], 'enabled, but not for its owner');

alter table app.planted force row level security;
select results_eq('select pg_temp.faults()', array['owner_policy'], 'forced, but the owner sees nothing');

create policy planted_owner on app.planted to penstock_owner using (id > 0) with check (true);
select results_eq('select pg_temp.faults()', array['owner_policy'], 'the owner sees a part');

drop policy planted_owner on app.planted;
create policy planted_owner on app.planted for select to penstock_owner using (true);
select results_eq('select pg_temp.faults()', array['owner_policy'], 'the owner may only read');

drop policy planted_owner on app.planted;
create policy planted_owner on app.planted to penstock_owner using (true) with check (true);
select is_empty('select pg_temp.faults()', 'as it should be');

grant select on app.planted to public;
select results_eq('select pg_temp.faults()', array['no_public_table'], 'PUBLIC may read it');

select * from finish();

rollback;
