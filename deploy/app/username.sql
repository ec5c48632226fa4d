-- Deploy app/username
-- requires: app/schema

begin;

do $$
begin
    create domain app.username as text
        constraint username_length check (length(value) between 3 and 40)
        constraint username_form check (value ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.username is 'The name by which a user is known to others.';
comment on constraint username_length on domain app.username is
    'A username has 3 to 40 characters.';
comment on constraint username_form on domain app.username is
    'A username is made of letters, digits, dots, underscores and hyphens, and begins with a letter or digit.';

commit;
