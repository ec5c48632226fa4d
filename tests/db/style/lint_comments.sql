begin;

select plan(3);

create function pg_temp.bare() returns setof text language sql as
    $$select l.object from penstock.lint_comments as l where l.object like '%planted%' order by l.object$$;

-- One of each kind that the manual is made of.
create table app.planted (id bigint constraint planted_positive check (id > 0));
create view app.planted_view as select 1 as one;
create type app.planted_enum as enum ('a');
create type app.planted_type as (part integer);
create domain app.planted_domain as integer constraint planted_domain_positive check (value > 0);
create function app.planted_function() returns integer language sql as 'select 1';
select set_eq('select pg_temp.bare()', array[
    'app.planted', 'app.planted.id', 'planted_positive',
    'app.planted_view', 'app.planted_view.one',
    'app.planted_enum',
    'app.planted_type', 'app.planted_type.part',
    'app.planted_domain', 'planted_domain_positive',
    'app.planted_function()'
], 'everything that lacks a comment is found');

comment on table app.planted is 'A table.';
comment on column app.planted.id is 'A column.';
comment on constraint planted_positive on app.planted is 'A check.';
comment on view app.planted_view is 'A view.';
comment on column app.planted_view.one is 'Its column.';
comment on type app.planted_enum is 'An enum.';
comment on type app.planted_type is 'A composite type.';
comment on column app.planted_type.part is 'Its attribute.';
comment on domain app.planted_domain is 'A domain.';
comment on constraint planted_domain_positive on domain app.planted_domain is 'Its check.';
comment on function app.planted_function() is 'A function.';
select is_empty('select pg_temp.bare()', 'and nothing that has one');

create schema planted authorization penstock_owner;
select results_eq('select pg_temp.bare()', array['planted'], 'a room needs one too');

select * from finish();

rollback;
