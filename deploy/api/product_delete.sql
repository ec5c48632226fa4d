-- Deploy api/product_delete
-- requires: app/products_policy app/order_lines

begin;

create or replace function api.product_delete(product_id bigint)
    returns void
    volatile
    language plpgsql
as $$
begin
    delete from app.products as p
    where p.id = product_delete.product_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no product %s.', product_delete.product_id);
    end if;
end
$$;

comment on function api.product_delete(bigint) is $$
Delete a product that nobody has ordered.

HTTP DELETE /products/{product_id}
@tag products
@error 409 The product has been ordered: make it inactive instead.
$$;

grant execute on function api.product_delete(bigint) to staff, admin;

commit;
