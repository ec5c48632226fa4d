-- Deploy app/imports_policy
-- requires: app/imports request/user_id

begin;

alter table app.imports enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists imports_owner on app.imports;
create policy imports_owner on app.imports to penstock_owner
    using (true) with check (true);

-- Staff and admins see every import.
drop policy if exists imports_staff_read on app.imports;
create policy imports_staff_read on app.imports for select to staff, admin
    using (true);

-- They enter imports under their own name only.
drop policy if exists imports_staff_make on app.imports;
create policy imports_staff_make on app.imports for insert to staff, admin
    with check (made_by = (select request.user_id()));

grant
    select,
    insert (made_by, lines, loaded, unchanged, rejected, revenue, new_customers, new_products, new_orders)
    on app.imports to staff, admin;

commit;
