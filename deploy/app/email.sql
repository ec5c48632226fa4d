-- Deploy app/email
-- requires: app/schema

begin;

do $$
begin
    create domain app.email as text
        constraint email_length check (length(value) <= 254)
        constraint email_form check (value ~ '^[A-Za-z0-9.!#$%&''*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain app.email is 'An e-mail address.';
comment on constraint email_length on domain app.email is
    'An e-mail address has at most 254 characters.';
comment on constraint email_form on domain app.email is
    'This is not an e-mail address: write it as name@example.org.';

commit;
