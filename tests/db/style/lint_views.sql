begin;

select plan(13);

-- Roles belong to the cluster, and tests run in parallel; this one is never committed.
create role planted_login login;

create function pg_temp.faults() returns setof text language sql as
    $$select l.rule from penstock.lint_views as l where l.object ~ '^app.planted'$$;

-- A view reads as its owner: rows that policies hide from the caller would show.
create view app.planted as select * from app.orders;
select results_eq('select pg_temp.faults()', array['view_owner'], 'a superuser''s');
alter view app.planted owner to penstock_owner;
select results_eq('select pg_temp.faults()', array['view_owner'], 'the owner''s');
select matches(
    (select l.message from penstock.lint_views as l where l.object = 'app.planted'),
    'reads app.orders as penstock_owner, .* alter view', 'what, and what to do'
);
alter view app.planted set (security_invoker = false);
select results_eq('select pg_temp.faults()', array['view_owner'], 'said out loud');
alter view app.planted set (security_invoker = on);
select is_empty('select pg_temp.faults()', 'near: it runs as the caller');
alter view app.planted reset (security_invoker);
alter view app.planted owner to report_owner;
select is_empty('select pg_temp.faults()', 'near: a narrow role''s, for whom policies decide');

-- Views on views and on the catalogue
create view app.planted_above as select * from app.planted;
alter view app.planted_above owner to penstock_owner;
create view app.planted_catalogue as select c.relname from pg_catalog.pg_class as c;
alter view app.planted_catalogue owner to penstock_owner;
select is_empty('select pg_temp.faults()', 'near: what reads no table of anybody''s');

-- What is kept
create materialized view app.planted_kept as select 1 as one;
alter materialized view app.planted_kept owner to penstock_owner;
select is_empty('select pg_temp.faults()', 'near: nobody reads it');
grant select on app.planted_kept to penstock_clerk;
select is_empty('select pg_temp.faults()', 'near: the clerk alone does');
grant select on app.planted_kept to member;
select results_eq('select pg_temp.faults()', array['view_kept'], 'every member does');
revoke select on app.planted_kept from member;
grant select on app.planted_kept to planted_login;
select results_eq('select pg_temp.faults()', array['view_kept'], 'a login does');
revoke select on app.planted_kept from planted_login;
grant select on app.planted_kept to public;
select results_eq('select pg_temp.faults()', array['view_kept'], 'PUBLIC does');

select is_empty($$select from penstock.lint_views as l where l.object !~ 'planted'$$, 'ours are in order');

select * from finish();

rollback;
