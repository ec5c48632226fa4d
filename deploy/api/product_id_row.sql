-- Deploy api/product_id_row
-- requires: api/schema

begin;

do $$
begin
    create type api.product_id_row as (
        product_id bigint
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.product_id_row is 'A product to delete.';
comment on column api.product_id_row.product_id is 'The product.';

commit;
