-- Deploy app/user_role
-- requires: app/schema

begin;

do $$
begin
    create type app.user_role as enum ('member', 'staff', 'admin');
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type app.user_role is
    'What a user may do: a member buys and writes, staff run the shop, an admin also manages the users.';

commit;
