-- Deploy api/product_sort
-- requires: api/schema

begin;

do $$
begin
    create type api.product_sort as enum ('name', 'price', 'newest');
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.product_sort is
    'The orders a list of products can come in: by name, the cheapest first, or the newest first.';

commit;
