begin;

\ir ../house/personas.psql

select plan(38);

-- A deep page reads what the first one reads, though its plan is made without the arguments.

-- Ada has half of the posts and orders, and few others have more than two: what PostgreSQL expects
-- of a user is far from what it finds. One in 75 users is not active, one in 75 orders is paid.
insert into app.users (email, username, is_active)
select format('u%s@example.org', n), format('user.%s', n), n % 75 <> 0
from generate_series(1, 8000) as n;
select max(u.id) as newest from app.users as u \gset

insert into app.products (sku, name, price, is_active, created_at)
select 'P' || n, 'Product ' || md5(n::text), n % 100, n % 10 <> 0, timestamptz '2024-01-01' + n * 977 % 4001 * interval '1 hour'
from generate_series(1, 4000) as n;
select max(p.id) as product from app.products as p \gset

insert into app.posts (author_id, title, body, published_at)
select case when n % 2 = 0 then :ada else :newest - n % 3000 end, 'Title', 'Body',
    timestamptz '2024-01-01' + n * 977 % 8009 * interval '1 hour'
from generate_series(1, 8000) as n;

with ordered as (
    insert into app.orders (user_id, country, total, status, placed_at)
    select case when n % 2 = 0 then :ada else :newest - n end, 'France', 1,
        case when n % 75 = 0 then 'paid' else 'delivered' end::app.order_status,
        timestamptz '2024-01-01' + n * 977 % 8009 * interval '1 hour'
    from generate_series(1, 8000) as n
    returning id
)
insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
select o.id, 1, :product, 1, 1
from ordered as o;

insert into app.imports (lines, loaded, unchanged, rejected, revenue, new_customers, new_products, new_orders)
select 0, 0, 0, 0, 0, 0, 0, 0
from generate_series(1, 4000) as n;
select min(i.id) as import from app.imports as i \gset
insert into app.import_rejects (import_id, line, reason)
select i.id, 0, 'cancellation'::app.reject_reason
from app.imports as i
union all
select :import, n, 'cancellation'
from generate_series(1, 4000) as n;

-- Of the row and of the caller that are asked for, one change in six each.
insert into audit.changes (at, login, role, subject, table_name, operation, key)
select
    timestamptz '2024-01-01' + n * 977 % 8009 * interval '1 hour', 'authenticator', 'staff',
    case when n % 6 = 0 then '7' else (1000 + n)::text end, 'app.products', 'update',
    jsonb_build_object('id', case when n % 6 = 1 then 7 else 1000 + n end)
from generate_series(1, 20000) as n;

analyze audit.changes, app.users, app.products, app.posts, app.orders, app.order_lines, app.imports, app.import_rejects;

-- Each list as those who may call it call it; %s is where limit and cursor go. A page of ten reads
-- at most so much: a list that sorts the whole table is as slow on every page, and no better for it.
create temporary table lists (
    call text,
    role name,
    user_id bigint,
    most integer
);

insert into lists
values
    ('api.audit_list(%s)', 'admin', :eve, 60),
    ('api.audit_list(%s, "table" => ''app.products'', key => ''{"id": 7}'')', 'admin', :eve, 60),
    ('api.audit_list(%s, subject => ''7'')', 'admin', :eve, 60),
    ('api.import_list(%s)', 'staff', :sam, 200),
    (format('api.import_reject_list(%s, %%s)', :import), 'staff', :sam, 30),
    ('api.order_list(%s)', 'staff', :sam, 700),
    ('api.order_list(%s, status => ''paid'')', 'staff', :sam, 700),
    ('api.order_list(%s)', 'member', :ada, 700),
    ('api.post_list(%s)', 'anon', null, 100),
    ('api.post_list(%s)', 'member', :ada, 100),
    ('api.product_list(%s)', 'anon', null, 80),
    ('api.product_list(%s, sort => ''price'')', 'anon', null, 80),
    ('api.product_list(%s, sort => ''newest'')', 'staff', :sam, 80),
    ('api.user_list(%s)', 'staff', :sam, 60),
    ('api.user_list(%s, is_active => false)', 'admin', :eve, 60),
    ('api.user_list_with_posts(%s)', 'anon', null, 300),
    (format('api.user_posts(%s, %%s)', :ada), 'anon', null, 100),
    (format('api.user_posts(%s, %%s)', :ada), 'member', :ada, 100);

-- What a page of ten reads: blocks, and the rows that its plan passes on or drops.
create function pg_temp.reads(cursor jsonb)
    returns numeric
    language plpgsql
as $$
declare
    v_plan jsonb;
begin
    execute format('explain (analyze, buffers, timing off, format json) execute page(10, %L)', reads.cursor)
    into v_plan;

    return (v_plan #> '{0,Plan,Shared Hit Blocks}')::numeric
        + (v_plan #> '{0,Plan,Shared Read Blocks}')::numeric
        + sum(
            (node -> 'Actual Loops')::numeric * (
                (node -> 'Actual Rows')::numeric
                + coalesce((node -> 'Rows Removed by Filter')::numeric, 0)
                + coalesce((node -> 'Rows Removed by Join Filter')::numeric, 0)
            )
        )
    from jsonb_path_query(v_plan, 'strict $.** ? (exists (@."Node Type"))') as node;
end
$$;

-- How many rows the largest page has, and what the first page and a deep one read.
create function pg_temp.walk(list lists, ceiling integer, out largest integer, out first numeric, out deep numeric)
    language plpgsql
as $$
declare
    v_query text := format('select * from %s as r', format(list.call, '"limit" => $1, cursor => $2'));
    v_page jsonb[];
    v_last jsonb;
begin
    perform pg_temp.be(list.role, list.user_id);
    set local plan_cache_mode = force_generic_plan;
    execute 'prepare page(api.page_size, jsonb) as ' || v_query;
    perform pg_temp.reads(null);  -- the catalogue, once
    first := pg_temp.reads(null);
    for page in 1..20 loop
        execute format('select array_agg(to_jsonb(r.*)) from (%s) as r', v_query)
        into v_page
        using walk.ceiling, v_last;
        largest := coalesce(largest, cardinality(v_page));
        exit when cardinality(v_page) < walk.ceiling or v_page is null;
        v_last := v_page[walk.ceiling];
    end loop;
    deep := pg_temp.reads(v_last);
    deallocate page;
    set local plan_cache_mode = auto;
    reset role;
end
$$;

select (regexp_match(pg_get_constraintdef(k.oid), '<= (\d+)'))[1] as ceiling
from pg_constraint as k
where k.conname = 'page_size_in_range'
\gset

-- The ceiling stands in the functions again: raised in one place only, pages would end early.
select unnest(array[
    is(w.largest, :ceiling, format(l.call, '…') || ' for ' || l.role || ': the largest page is full'),
    cmp_ok(greatest(w.first, w.deep), '<=', least(w.first * 1.2 + 10, l.most), 'a deep page is as near as the first')
])
from lists as l
cross join lateral pg_temp.walk(l, :ceiling) as w;

select set_eq(
    $$select split_part(l.call, '(', 1)::regproc::oid from lists as l$$,
    $$select r.function::oid from penstock.routes as r where obj_description(r.function, 'pg_proc') ~ '(?n)^@page '$$,
    'no list with pages is missing here'
);

-- Control: the form that comes to mind first.
create function api.planted("limit" api.page_size, cursor jsonb) returns setof app.users stable language sql as $$
    select *
    from app.users as u
    where planted.cursor is null or u.id > (planted.cursor ->> 'id')::bigint
    order by u.id
    limit planted."limit"
$$;
grant execute on function api.planted to staff;
select cmp_ok(w.deep, '>', w.first * 10, 'a filter that drops all pages before is found')
from pg_temp.walk(row('api.planted(%s)', 'staff', :sam, null), :ceiling) as w;

select * from finish();

rollback;
