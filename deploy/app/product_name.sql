-- Deploy app/product_name
-- requires: app/schema

begin;

do $$
begin
    create domain app.product_name as text
        constraint product_name_length check (length(value) between 1 and 200)
        constraint product_name_not_blank check (value ~ '[^[:space:]]');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.product_name is 'What a product is called.';
comment on constraint product_name_length on domain app.product_name is
    'A product''s name has 1 to 200 characters.';
comment on constraint product_name_not_blank on domain app.product_name is
    'A product''s name is not blank.';

commit;
