-- Deploy app/sales_top
-- requires: api/dashboard_product app/sales_products app/sales_blocks app/sales_block app/sales_policy app/products_policy
-- The ten best of thousands, without adding up thousands. There is a list of the best of every
-- block that the period touches, and one of the best of what is pending. A product brought at
-- most what it has on the lists; where it isn't on one, the last of that list stands for it. Only
-- the most promising are added up, and when the tenth best of these brought more than any other
-- can have, they are the ten. If not, the lists grow, in the end until every product is on them.

begin;

create or replace function app.sales_top(first_day date, last_day date, pending app.sales_products[])
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
    v_length integer := 40;
    v_top api.dashboard_product[];
    v_others numeric;
begin
    loop
        with lists as (
            select n as list, b.product_id, b.ceiling
            from generate_series(
                0, sales_top.last_day - app.sales_block(sales_top.first_day), 16
            ) as n
            cross join lateral (
                select b.product_id, b.ceiling
                from app.sales_blocks as b
                where b.block = app.sales_block(sales_top.first_day) + n
                order by b.ceiling desc
                limit v_length
            ) as b
            union all
            (
                select -1, p.product_id, p.revenue
                from unnest(sales_top.pending) as p
                where p.revenue > 0
                order by p.revenue desc
                limit v_length
            )
        ),
        ends as materialized (
            select
                l.list,
                array_agg(l.product_id) as products,
                array_agg(l.ceiling) as ceilings,
                count(*) = v_length as goes_on,
                case when count(*) = v_length then min(l.ceiling) else 0 end as last
            from lists as l
            group by l.list
        ),
        -- The row without a product stands for all that are on no list.
        ranks as materialized (
            select m.product_id, m.most, row_number() over (order by m.most desc) as place
            from (
                select l.product_id, sum(l.ceiling - e.last) + (select sum(e.last) from ends as e) as most
                from ends as e
                cross join lateral unnest(e.products, e.ceilings) as l (product_id, ceiling)
                group by l.product_id
                union all
                select null, sum(e.last)
                from ends as e
                having bool_or(e.goes_on)
            ) as m
        ),
        top as (
            select s.product_id, sum(s.units) as units, sum(s.revenue) as revenue
            from (
                select c.product_id, s.units, s.revenue
                from ranks as c
                cross join lateral (
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
                where c.place <= v_length
                union all
                select p.product_id, p.units, p.revenue
                from unnest(sales_top.pending) as p
            ) as s
            group by s.product_id
            having sum(s.units) > 0
            order by revenue desc, s.product_id
            limit 10
        )
        select
            array(
                select (t.product_id, p.sku, p.name, t.units, t.revenue)::api.dashboard_product
                from top as t
                join app.products as p on p.id = t.product_id
                order by t.revenue desc, t.product_id
            ),
            max(r.most) filter (where r.place > v_length)
        into v_top, v_others
        from ranks as r;

        exit when v_others is null or v_top[10].revenue > v_others;

        v_length := v_length * 2;
    end loop;

    return v_top;
end
$$;

comment on function app.sales_top(date, date, app.sales_products[]) is
    'The ten products with the highest revenue from a first day to a last, given what the roll-ups lack of each product.';

grant execute on function app.sales_top(date, date, app.sales_products[]) to staff, admin;

commit;
