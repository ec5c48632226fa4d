-- Deploy app/analysts_policy
-- requires: app/analysts

begin;

alter table app.analysts enable row level security, force row level security;

-- The owner sees everything, and alone says who is an analyst.
drop policy if exists analysts_owner on app.analysts;
create policy analysts_owner on app.analysts to penstock_owner
    using (true) with check (true);

-- The report views find the analyst who is logged in. Who that is was settled when the session
-- began: no setting and no SET ROLE changes session_user.
drop policy if exists analysts_self on app.analysts;
create policy analysts_self on app.analysts for select to report_owner
    using (login = session_user);

grant select on app.analysts to report_owner;

commit;
