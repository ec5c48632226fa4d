-- Deploy app/sku
-- requires: app/schema

begin;

do $$
begin
    create domain app.sku as text
        constraint sku_length check (length(value) between 1 and 40)
        constraint sku_form check (value ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.sku is 'A product''s stock-keeping unit: the code by which the trade knows it.';
comment on constraint sku_length on domain app.sku is
    'A SKU has 1 to 40 characters.';
comment on constraint sku_form on domain app.sku is
    'A SKU is made of letters, digits, dots, underscores and hyphens, and begins with a letter or digit.';

commit;
