begin;

select plan(12);

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
revoke select on app.planted from public;
grant select (id) on app.planted to public;
select results_eq('select pg_temp.faults()', array['no_public_table'], 'PUBLIC may read a column');
revoke select (id) on app.planted from public;
grant select on app.planted to member;
select is_empty('select pg_temp.faults()', 'near: a role of its own');

-- Deleting what a foreign key points to looks for who points: by an index.
alter table app.planted
    add part integer,
    add user_id bigint constraint planted_fkey references app.users (id);
create index planted_behind on app.planted (part, user_id);
create index planted_partial on app.planted (user_id) where part = 1;
select results_eq('select pg_temp.faults()', array['foreign_key_indexed'], 'an index that has it behind or in part');
select matches(
    (select l.message from penstock.lint_tables as l where l.object = 'app.planted'),
    'planted_fkey .* create index … on app.planted \(user_id\)', 'what, and what to do'
);
create index planted_whole on app.planted (user_id, part);
select is_empty('select pg_temp.faults()', 'near: an index that it leads');

select * from finish();

rollback;
