-- Deploy api/user_change_row
-- requires: api/schema app/email app/username app/full_name app/user_role

begin;

do $$
begin
    create type api.user_change_row as (
        user_id bigint,
        email app.email,
        username app.username,
        full_name app.full_name,
        role app.user_role,
        is_active boolean
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.user_change_row is 'A change of a user. What is left out stays as it is.';
comment on column api.user_change_row.user_id is 'The user.';
comment on column api.user_change_row.email is 'Their new address.';
comment on column api.user_change_row.username is 'Their new name.';
comment on column api.user_change_row.full_name is 'Their new full name.';
comment on column api.user_change_row.role is 'What they may do from now on.';
comment on column api.user_change_row.is_active is 'Whether they may log in and buy from now on.';

commit;
