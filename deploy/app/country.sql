-- Deploy app/country
-- requires: app/schema

begin;

do $$
begin
    create domain app.country as text
        constraint country_length check (length(value) between 1 and 60)
        constraint country_not_blank check (value ~ '[^[:space:]]');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.country is 'The country an order goes to, by its English name.';
comment on constraint country_length on domain app.country is
    'A country''s name has 1 to 60 characters.';
comment on constraint country_not_blank on domain app.country is
    'A country''s name is not blank.';

commit;
