-- Deploy audit/changes_stay
-- requires: audit/changes_policy
-- Privileges keep everybody out but the owner and superusers; this stops their slips as well.

begin;

create or replace function audit.changes_stay()
    returns trigger
    language plpgsql
as $$
begin
    -- Nobody logs in as the auditor: it is inside audit.changes_prune().
    if tg_op = 'DELETE' and current_user = 'penstock_auditor' then
        return null;
    end if;

    raise exception using
        errcode = 'insufficient_privilege',
        message = format('What was recorded stays as it is: no %s on audit.changes.', tg_op),
        hint = 'audit.changes_prune(before) deletes what was recorded before a moment.';
end
$$;

comment on function audit.changes_stay() is
    'Trigger: refuses to change what was recorded, to the owner and superusers too.';

create or replace trigger changes_stay before update or delete or truncate on audit.changes
    for each statement execute function audit.changes_stay();

commit;
