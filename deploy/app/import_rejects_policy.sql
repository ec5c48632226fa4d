-- Deploy app/import_rejects_policy
-- requires: app/import_rejects app/imports_policy

begin;

alter table app.import_rejects enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists import_rejects_owner on app.import_rejects;
create policy import_rejects_owner on app.import_rejects to penstock_owner
    using (true) with check (true);

-- Staff and admins see every reject.
drop policy if exists import_rejects_staff_read on app.import_rejects;
create policy import_rejects_staff_read on app.import_rejects for select to staff, admin
    using (true);

-- They enter rejects of their own imports only. ("in" is hashed: one look at imports a statement.)
drop policy if exists import_rejects_staff_make on app.import_rejects;
create policy import_rejects_staff_make on app.import_rejects for insert to staff, admin
    with check (
        import_id in (
            select i.id
            from app.imports as i
            where i.made_by = (select request.user_id())
        )
    );

grant select, insert on app.import_rejects to staff, admin;

commit;
