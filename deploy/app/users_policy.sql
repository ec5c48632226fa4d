-- Deploy app/users_policy
-- requires: app/users request/user_id

begin;

alter table app.users enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists users_owner on app.users;
create policy users_owner on app.users to penstock_owner
    using (true) with check (true);

-- Members see themselves.
drop policy if exists users_self_read on app.users;
create policy users_self_read on app.users for select to member
    using (id = (select request.user_id()));

-- Staff and admins see everybody.
drop policy if exists users_staff_read on app.users;
create policy users_staff_read on app.users for select to staff, admin
    using (true);

-- Members and staff change themselves, but neither their role nor whether they are active.
drop policy if exists users_self_change on app.users;
create policy users_self_change on app.users for update to member, staff
    using (id = (select request.user_id()))
    with check (id = (select request.user_id()));

-- Admins enter users, as active members without a password, and change and delete everybody.
drop policy if exists users_admin_enter on app.users;
create policy users_admin_enter on app.users for insert to admin
    with check (role = 'member' and is_active);
drop policy if exists users_admin_change on app.users;
create policy users_admin_change on app.users for update to admin
    using (true)
    with check (true);
drop policy if exists users_admin_delete on app.users;
create policy users_admin_delete on app.users for delete to admin
    using (true);

-- Gatekeeper finds who logs in, and enters who registers: as an active member, nothing more.
drop policy if exists users_gatekeeper_read on app.users;
create policy users_gatekeeper_read on app.users for select to gatekeeper
    using (true);
drop policy if exists users_gatekeeper_register on app.users;
create policy users_gatekeeper_register on app.users for insert to gatekeeper
    with check (role = 'member' and is_active);

-- Gatekeeper locks the user who logs in, so that their role can't change meanwhile. It writes
-- nothing: to lock a row one must be allowed to update some column.
drop policy if exists users_gatekeeper_lock on app.users;
create policy users_gatekeeper_lock on app.users for update to gatekeeper
    using (true)
    with check (false);

-- The clerk tells the authors' names, and whether a customer is active.
drop policy if exists users_clerk_read on app.users;
create policy users_clerk_read on app.users for select to penstock_clerk
    using (true);

grant select, update (email, username, full_name) on app.users to member, staff, admin;
grant insert (email, username, full_name), update (role, is_active), delete on app.users to admin;
grant select, insert (email, username, full_name), update (id) on app.users to gatekeeper;
grant select (id, username, is_active) on app.users to penstock_clerk;

commit;
