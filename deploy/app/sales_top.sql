-- Deploy app/sales_top
-- requires: api/dashboard_product app/sales_products app/sales_blocks app/sales_block app/sales_pending app/products_policy
-- The ten best of thousands, without adding up thousands. A product that is not among the best
-- of any block of the period, nor of what is pending, brought at most what the last of those
-- lists brought, summed up over the lists. Only products on a list are added up; if the tenth
-- best of them brought more than that sum, nothing is left out. Otherwise the lists grow, in the
-- end until every product is on them.

begin;

create or replace function app.sales_top(first_day date, last_day date, pending app.sales_pending[])
    returns api.dashboard_product[]
    stable
    set jit = off
    set plan_cache_mode = force_generic_plan
    language plpgsql
as $$
declare
    -- The whole blocks of the period begin here and end before that; single days are left.
    v_whole date := app.sales_block(sales_top.first_day + 15);
    v_rest date := app.sales_block(sales_top.last_day + 1);
    v_length integer := 32;
    v_top api.dashboard_product[];
    v_most_elsewhere numeric;
    v_is_all boolean;
begin
    loop
        with pending as materialized (
            select p.product_id, sum(p.side * p.units) as units, sum(p.side * p.revenue) as revenue
            from unnest(sales_top.pending) as p
            where p.day between sales_top.first_day and sales_top.last_day
            group by p.product_id
        ),
        listed as materialized (
            select b.product_id, b.revenue, b.place
            from generate_series(
                0, sales_top.last_day - app.sales_block(sales_top.first_day), 16
            ) as n
            cross join lateral (
                select
                    b.product_id,
                    b.revenue,
                    row_number() over (order by b.revenue desc, b.product_id) as place
                from app.sales_blocks as b
                where b.block = app.sales_block(sales_top.first_day) + n
                order by b.revenue desc, b.product_id
                limit v_length
            ) as b
            union all
            select p.product_id, greatest(p.revenue, 0), p.place
            from (
                select
                    p.product_id,
                    p.revenue,
                    row_number() over (order by p.revenue desc, p.product_id) as place
                from pending as p
            ) as p
            where p.place <= v_length
        ),
        top as (
            select
                c.product_id,
                coalesce(s.units, 0) + coalesce(p.units, 0) as units,
                coalesce(s.revenue, 0) + coalesce(p.revenue, 0) as revenue
            from (select distinct l.product_id from listed as l) as c
            cross join lateral (
                select sum(s.units) as units, sum(s.revenue) as revenue
                from (
                    select s.units, s.revenue
                    from app.sales_blocks as s
                    where s.product_id = c.product_id
                        and s.block >= v_whole
                        and s.block < v_rest
                    union all
                    select s.units, s.revenue
                    from app.sales_products as s
                    where s.product_id = c.product_id
                        and s.day between sales_top.first_day and least(v_whole - 1, sales_top.last_day)
                    union all
                    select s.units, s.revenue
                    from app.sales_products as s
                    where s.product_id = c.product_id
                        and s.day between greatest(v_whole, v_rest) and sales_top.last_day
                ) as s
            ) as s
            left join pending as p on p.product_id = c.product_id
            where coalesce(s.units, 0) + coalesce(p.units, 0) > 0
            order by revenue desc, c.product_id
            limit 10
        )
        select
            array(
                select (t.product_id, p.sku, p.name, t.units, t.revenue)::api.dashboard_product
                from top as t
                join app.products as p on p.id = t.product_id
                order by t.revenue desc, t.product_id
            ),
            coalesce(sum(l.revenue), 0),
            count(*) = 0
        into v_top, v_most_elsewhere, v_is_all
        from listed as l
        where l.place = v_length;

        exit when v_is_all or v_top[10].revenue > v_most_elsewhere;

        v_length := v_length * 4;
    end loop;

    return v_top;
end
$$;

comment on function app.sales_top(date, date, app.sales_pending[]) is
    'The ten products with the highest revenue from a first day to a last, given what the roll-ups lack.';

grant execute on function app.sales_top(date, date, app.sales_pending[]) to staff, admin;

commit;
