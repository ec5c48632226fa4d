-- Deploy app/full_name
-- requires: app/schema

begin;

do $$
begin
    create domain app.full_name as text
        constraint full_name_length check (length(value) between 1 and 200)
        constraint full_name_not_blank check (value ~ '[^[:space:]]');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.full_name is 'A person''s full name.';
comment on constraint full_name_length on domain app.full_name is
    'A full name has 1 to 200 characters.';
comment on constraint full_name_not_blank on domain app.full_name is
    'A full name is not blank.';

commit;
