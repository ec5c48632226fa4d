begin;

\ir ../house/personas.psql
\ir ../house/retail.psql
\ir ../house/recount.psql

select plan(11);

-- Signature
select volatility_is('app', 'sales_fold', '{}'::name[], 'volatile');
select is_definer('app', 'sales_fold', '{}'::name[]);
select function_owner_is('app', 'sales_fold', '{}'::name[], 'penstock_clerk');

-- Whatever is written, in whichever order, folded or not: the dashboard says what the orders say.
insert into app.products (sku, name, price, stock)
select 'R-' || n, 'Thing ' || n, n % 7, 1000000
from generate_series(1, 60) as n;

create temporary table places on commit drop as
select p.id, row_number() over (order by p.id) as place
from app.products as p;

create function pg_temp.some_product() returns bigint language sql as
    'select p.id from (select 1 + floor(60 * random() ^ 2) as place) as r join places as p on p.place = r.place';
create function pg_temp.some_user() returns bigint language sql as
    'select u.id from app.users as u order by random() limit 1';
create function pg_temp.some_order() returns bigint language sql as
    'select o.id from app.orders as o order by random() limit 1';
create function pg_temp.some_moment() returns timestamptz language sql as
    $$select timestamptz '2015-03-10 12:00Z' + interval '30 days' * (random() - random())$$;
create function pg_temp.some_country() returns text language sql as
    $$select (array['France', 'Spain', 'Germany'])[1 + floor(3 * random())]$$;

create function pg_temp.place() returns void language plpgsql as $$
declare
    v_cart api.order_line_input[] := array(
        select row(pg_temp.some_product(), 1 + n)::api.order_line_input from generate_series(1, 3) as n
    );
begin
    perform pg_temp.be('member', pg_temp.some_user());
    perform api.order_place(v_cart, 'France');
    perform set_config('role', 'none', true);
end
$$;

create function pg_temp.import() returns void language plpgsql as $$
begin
    perform pg_temp.post(variadic array(
        select format(
            '%s,%s,HEART,%s,%s,2.55,%s.0,Spain',
            500000 + floor(20 * random()), 85000 + floor(9 * random()), n,
            to_char(pg_temp.some_moment(), 'YYYY-MM-DD HH24:MI:SS'), 17850 + floor(4 * random())
        )
        from generate_series(1, 20) as n
    ));
    perform pg_temp.be('staff', (select u.id from app.users as u where u.username = 'sam'));
    perform api.retail_import();
    perform set_config('role', 'none', true);
end
$$;

create function pg_temp.write() returns text language plpgsql as $$
declare
    v_kind integer := floor(16 * random());
    v_order bigint := pg_temp.some_order();
begin
    case v_kind
        when 0, 1 then
            perform pg_temp.place();
        when 2 then
            perform pg_temp.import();
        when 3, 4, 5 then
            with o as (
                insert into app.orders (user_id, status, country, total, placed_at)
                select pg_temp.some_user(), 'placed', pg_temp.some_country(), 0, pg_temp.some_moment()
                from generate_series(1, 4)
                returning id
            )
            insert into app.order_lines
            select o.id, n, pg_temp.some_product(), 1 + floor(9 * random()), floor(9 * random())
            from o, generate_series(1, 3) as n;
        when 6 then  -- no lines
            insert into app.orders (user_id, country, total, placed_at)
            values (pg_temp.some_user(), 'France', 0, pg_temp.some_moment());
        when 7, 8 then
            update app.orders set status = 'cancelled' where id = v_order and status in ('placed', 'paid');
        when 9 then
            update app.orders
            set placed_at = pg_temp.some_moment(), country = pg_temp.some_country(), user_id = pg_temp.some_user()
            where id % 5 = v_order % 5;
        when 10 then
            update app.order_lines set quantity = quantity + 1, product_id = pg_temp.some_product()
            where order_id % 7 = v_order % 7;
        when 11 then
            delete from app.order_lines where order_id = v_order;
        when 12 then
            delete from app.orders where id = v_order;
        when 13 then  -- an order and its lines by one statement, the lines first
            with l as (
                delete from app.order_lines where order_id = v_order returning order_id
            )
            delete from app.orders where id in (select l.order_id from l);
        when 14 then  -- an order that moves while it gets lines
            with o as (
                update app.orders set placed_at = pg_temp.some_moment() where id = v_order returning id
            )
            insert into app.order_lines
            select o.id, 1000 + n, pg_temp.some_product(), 1, 5
            from o, generate_series(1, 2) as n
            on conflict do nothing;
        when 15 then  -- paid: nothing that the dashboard shows
            update app.orders set status = 'paid' where id = v_order and status = 'placed';
    end case;

    return 'kind ' || v_kind;
end
$$;

create function pg_temp.walk(steps integer, seed double precision) returns setof text language plpgsql as $$
declare
    v_wrote text;
    v_first date;
    v_days integer;
begin
    perform setseed(walk.seed);
    for step in 1..walk.steps loop
        if step = walk.steps / 3 then  -- early enough for plenty to come after
            truncate app.order_lines;
        end if;
        v_wrote := pg_temp.write();
        v_first := date '2015-02-01' + floor(60 * random())::integer;
        v_days := floor((array[1, 5, 40])[1 + floor(3 * random())] * random());
        if api.dashboard_get(v_first, v_first + v_days)::text <> pg_temp.recount(v_first, v_first + v_days)::text
            or api.dashboard_get()::text <> pg_temp.recount(null, null)::text
        then
            return next format('step %s, %s: %s and %s days', step, v_wrote, v_first, v_days);
        end if;
        if random() < 0.2 then
            perform app.sales_fold();
            return query select format('step %s, %s: %s', step, v_wrote, f) from pg_temp.rollup_faults() as f;
        end if;
    end loop;
end
$$;

select is_empty('select pg_temp.walk(150, 0.1)', 'after each of 150 writes');
select is_empty('select pg_temp.walk(150, 0.7)', 'and of 150 others');
select cmp_ok((select count(*) from app.order_lines), '>', 50::bigint, 'which left something to add up');

-- A fold takes what is pending, and is for nobody of the API's.
select app.sales_fold();
select is_empty('select order_id from app.sales_moves union all select order_id from app.sales_line_changes', 'nothing is pending');
select is_empty('select pg_temp.rollup_faults()', 'the roll-ups hold everything');
select is(pg_temp.callers('app.sales_fold()'), null, 'no caller may fold');

set constraints all immediate;

-- Control: a write that goes unnoticed is found, in the roll-ups and on the dashboard.
alter table app.order_lines disable trigger order_lines_note_sales_update;
update app.order_lines set quantity = quantity + 1
where order_id in (select o.id from app.orders as o where o.status <> 'cancelled');
select isnt_empty('select pg_temp.rollup_faults()', 'the roll-ups differ');
select isnt(
    api.dashboard_get('2015-02-01', '2015-04-20')::text, pg_temp.recount('2015-02-01', '2015-04-20')::text, 'so does the dashboard'
);

select * from finish();

rollback;
