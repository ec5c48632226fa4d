-- Deploy app/users_admin_not_self
-- requires: app/users request/user_id

begin;

create or replace function app.users_admin_not_self()
    returns trigger
    language plpgsql
as $$
begin
    if old.role = 'admin' and old.id = request.user_id()
        and (tg_op = 'DELETE' or not new.is_active or new.role <> 'admin')
    then
        raise exception using
            errcode = 'PT409',
            constraint = 'users_admin_not_self',
            message = 'An admin can''t demote, deactivate or delete their own account: another admin can.';
    end if;

    return coalesce(new, old);
end
$$;

comment on function app.users_admin_not_self() is
    'Trigger: no admin removes themselves, so there is always one left.';

create or replace trigger users_admin_not_self before delete or update of role, is_active on app.users
    for each row execute function app.users_admin_not_self();

commit;
