-- Deploy api/product_list
-- requires: app/product_search app/search_text api/product_sort api/page_size

begin;

create or replace function api.product_list(
    "limit" api.page_size default 20,
    cursor jsonb default null,
    sort api.product_sort default 'name',
    search app.search_text default null,
    price_from app.money default null,
    price_to app.money default null,
    is_active boolean default null
)
    returns setof api.product
    stable
    security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan  -- which index pays depends on the arguments
    language plpgsql
as $$
declare
    v_of_staff boolean := request.role() in ('staff', 'admin');
    v_id bigint := (product_list.cursor ->> 'id')::bigint;
begin
    -- A statement for each order, so that each comes straight from its index.
    case product_list.sort
        when 'name' then
            return query
            select p.*
            from app.product_search(
                product_list.search, product_list.price_from, product_list.price_to,
                product_list.is_active, v_of_staff
            ) as p
            where product_list.cursor is null
                or (p.name, p.id) > (product_list.cursor ->> 'name', v_id)
            order by p.name, p.id
            limit product_list."limit";
        when 'price' then
            return query
            select p.*
            from app.product_search(
                product_list.search, product_list.price_from, product_list.price_to,
                product_list.is_active, v_of_staff
            ) as p
            where product_list.cursor is null
                or (p.price, p.id) > ((product_list.cursor ->> 'price')::numeric, v_id)
            order by p.price, p.id
            limit product_list."limit";
        when 'newest' then
            return query
            select p.*
            from app.product_search(
                product_list.search, product_list.price_from, product_list.price_to,
                product_list.is_active, v_of_staff
            ) as p
            where product_list.cursor is null
                or (p.created_at, p.id) < ((product_list.cursor ->> 'created_at')::timestamptz, v_id)
            order by p.created_at desc, p.id desc
            limit product_list."limit";
    end case;
end
$$;

-- Belongs to the clerk, who sees all products, and filters here: behind a policy PostgreSQL may
-- not use the indexes of search and price, whose operators are not leakproof.
grant create on schema api to penstock_clerk;
alter function api.product_list(api.page_size, jsonb, api.product_sort, app.search_text, app.money, app.money, boolean)
    owner to penstock_clerk;
revoke create on schema api from penstock_clerk;

comment on function api.product_list(api.page_size, jsonb, api.product_sort, app.search_text, app.money, app.money, boolean) is $$
The products for sale, by name, price or age.
Search finds words in name, SKU and description, as a search engine does: "in quotes", or, -not.
Staff and admins see what is not for sale too; is_active narrows their list to one or the other.

HTTP GET /products
@page name, price, created_at, id
@cache 5min tags=products vary=role
@tag products
$$;

grant execute on function api.product_list(api.page_size, jsonb, api.product_sort, app.search_text, app.money, app.money, boolean)
    to anon, member, staff, admin;

commit;
