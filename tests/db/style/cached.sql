begin;

\ir ../house/personas.psql

select plan(4);

-- What a function reads must be named by the tags of its @cache line, or a change would not end its
-- answers. So each is called here, and the statistics of this transaction say what it read.
insert into app.products (sku, name, price) values ('L1', 'Lantern', 5);
insert into app.orders (user_id, country, total) values (:ada, 'France', 5);
insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
select o.id, 1, p.id, 1, 5 from app.orders as o, app.products as p where o.user_id = :ada;

create temp table calls (function regprocedure, call text) on commit drop;
insert into calls values
    ('api.product_get(bigint)', 'select * from api.product_get((select max(p.id) from app.products as p))'),
    ('api.product_list(api.page_size, jsonb, api.product_sort, app.search_text, app.money, app.money, boolean)', 'select * from api.product_list()'),
    ('api.dashboard_get(date, date)', 'select api.dashboard_get()');

create function pg_temp.tags(function oid) returns text[] language sql as $$
    select regexp_split_to_array(regexp_replace(found.parts[1], ':\{\w+\}', '', 'g'), ',')
    from regexp_matches(obj_description(function, 'pg_proc'), '^@cache .*tags=(\S+)', 'n') as found (parts)
$$;
create function pg_temp.scans() returns table (relid oid, scans bigint) language sql as $$
    select s.relid, coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0) from pg_stat_xact_user_tables as s
$$;
create function pg_temp.untouched() returns setof text language plpgsql as $$
declare
    v_call record;
begin
    for v_call in select c.function, c.call, pg_temp.tags(c.function) as tags from pg_temp.calls as c loop
        create temp table before on commit drop as select * from pg_temp.scans();
        execute v_call.call;
        return query
            select v_call.function || ' reads ' || s.relid::regclass
            from pg_temp.scans() as s
            left join before as b using (relid)
            where s.scans > coalesce(b.scans, 0)
                and s.relid::regclass::text !~ '^(pg_|before|calls)'
                -- What the roll-ups say follows from orders and lines, and only changes with them.
                and s.relid::regclass::text !~ '^app\.sales_'
                and not exists (
                    select
                    from pg_trigger as t
                    join pg_proc as p on p.oid = t.tgfoid
                    cross join unnest(v_call.tags) as tag
                    where t.tgrelid = s.relid
                        and p.prosrc ~ ('''' || tag || '[:'']')
                )
            order by 1;
        drop table before;
    end loop;
end
$$;

select is_empty(
    $$select p.oid::regprocedure from pg_proc as p
    where pg_temp.tags(p.oid) is not null
        and p.oid not in (select c.function from pg_temp.calls as c)$$,
    'every function with tags is tried here'
);
select is_empty('select pg_temp.untouched()', 'what is read is named by a tag');

-- Control
comment on function api.product_list(api.page_size, jsonb, api.product_sort, app.search_text, app.money, app.money, boolean)
    is E'Products.\n\nHTTP GET /products\n@cache 5min tags=orders vary=role';
select results_eq(
    'select pg_temp.untouched()',
    $$values ('api.product_list(api.page_size,jsonb,api.product_sort,app.search_text,app.money,app.money,boolean) reads app.products')$$,
    'a tag that does not fit is found'
);
create function api.planted() returns int stable language sql as 'select 1';
comment on function api.planted() is E'Planted.\n\nHTTP GET /planted\n@cache 5min tags=orders';
select results_eq(
    $$select p.oid::regprocedure::text from pg_proc as p
    where pg_temp.tags(p.oid) is not null and p.oid not in (select c.function from pg_temp.calls as c)$$,
    array['api.planted()'], 'and a function that is not tried'
);

select * from finish();

rollback;
