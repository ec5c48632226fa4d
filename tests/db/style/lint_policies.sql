begin;

select plan(23);

create table app.planted (id bigint primary key, user_id bigint, "of whom" name, part integer);
alter table app.planted owner to penstock_owner;
create index planted_by_user on app.planted (user_id);
create index planted_by_whom on app.planted ("of whom");
create index planted_behind on app.planted (user_id, part);
create index planted_partial on app.planted (part) where id > 0;

create function pg_temp.faults(expression text, command text default 'select') returns setof text language plpgsql as $$
begin
    set local client_min_messages = warning;
    drop policy if exists planted on app.planted;
    execute format(
        'create policy planted on app.planted for %s to member %s (%s)',
        faults.command, case faults.command when 'insert' then 'with check' else 'using' end, faults.expression
    );

    return query select l.rule from penstock.lint_policies as l where l.object = 'app.planted planted' order by l.rule;
end
$$;

-- A policy asks for the caller once a statement.
select results_eq(format('select pg_temp.faults(%L)', t.expression), array['caller_once'], t.expression)
from unnest(array[
    'user_id = request.user_id()',
    'user_id = (select request.user_id()) or request.role() = ''admin''',
    'user_id = nullif(current_setting(''request.jwt.claims'', true), '''')::bigint',
    'exists (select from app.orders as o where o.id = planted.id and o.user_id = request.user_id())',
    '(select id from app.orders as o where o.user_id = request.user_id() limit 1) = id'
]) as t (expression);
select is_empty(format('select pg_temp.faults(%L)', t.expression), 'near: ' || t.expression)
from unnest(array[
    'true',
    'user_id = (select request.user_id())',
    '(select request.user_id()) = user_id and (select request.role()) = ''admin''',
    'user_id = (select nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'')::bigint',
    'user_id = (select (nullif(current_setting(''request.jwt.claims'', true), '''')::jsonb ->> ''sub'')::bigint)',
    'exists (select from app.orders as o where o.id = planted.id and o.user_id = (select request.user_id()))'
]) as t (expression);
select results_eq($$select pg_temp.faults('user_id = request.user_id()', 'insert')$$, array['caller_once'], 'in a check too');

-- What it finds the caller's rows by has an index.
select results_eq(format('select pg_temp.faults(%L)', t.expression), array['policy_indexed'], t.expression)
from unnest(array[
    'part = (select request.user_id())',
    '(select request.user_id()) = part',
    'id > 0 or part::bigint = (select request.user_id())'
]) as t (expression);
select is_empty(format('select pg_temp.faults(%L)', t.expression), 'near: ' || t.expression)
from unnest(array[
    '"of whom" = session_user',
    'part = 1',
    'exists (select from (select id as part from app.orders) as o where o.part = (select request.user_id()))'
]) as t (expression);
select is_empty($$select pg_temp.faults('part = (select request.user_id())', 'insert')$$, 'near: nothing is looked up for an insert');
select lives_ok($$select pg_temp.faults('part = (select request.user_id())')$$);
select matches(
    (select l.message from penstock.lint_policies as l where l.object = 'app.planted planted'),
    'create index … on app.planted \(part\)', 'what, and what to do'
);

-- A policy names its roles: without, it is for everybody who will ever be.
create policy planted_public on app.planted for select using (true);
select results_eq($$select l.rule from penstock.lint_policies as l where l.object = 'app.planted planted_public'$$, array['policy_roles'], 'for everybody');

select is_empty($$select from penstock.lint_policies as l where l.object !~ 'planted'$$, 'ours are in order');

select * from finish();

rollback;
