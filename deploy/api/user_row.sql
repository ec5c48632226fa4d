-- Deploy api/user_row
-- requires: api/schema app/email app/username app/full_name

begin;

do $$
begin
    create type api.user_row as (
        email app.email,
        username app.username,
        full_name app.full_name
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.user_row is 'A user to enter, without a password.';
comment on column api.user_row.email is 'The address the user will log in with.';
comment on column api.user_row.username is 'The name others will know the user by.';
comment on column api.user_row.full_name is 'The user''s full name.';

commit;
