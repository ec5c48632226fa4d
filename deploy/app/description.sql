-- Deploy app/description
-- requires: app/schema

begin;

do $$
begin
    create domain app.description as text
        constraint description_length check (length(value) <= 10000);
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.description is 'What there is to say about a product.';
comment on constraint description_length on domain app.description is
    'A description has at most 10,000 characters.';

commit;
