-- Deploy audit/changes_prune
-- requires: audit/changes_stay audit/caller

begin;

create or replace function audit.changes_prune(before timestamptz)
    returns bigint
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
declare
    v_rows bigint;
begin
    delete from audit.changes as c
    where c.at < changes_prune.before;

    get diagnostics v_rows = row_count;

    -- That something is missing, and who took it away, is recorded as well.
    if v_rows > 0 then
        insert into audit.changes (login, role, subject, session, method, path, table_name, operation, before)
        select w.*, 'audit.changes', 'prune', jsonb_build_object('before', changes_prune.before, 'rows', v_rows)
        from audit.caller() as w;
    end if;

    return v_rows;
end
$$;

comment on function audit.changes_prune(timestamptz) is
    'Deletes what was recorded before a moment, says how many rows, and records that. For the owner alone.';

-- Belongs to the auditor, who alone may delete what was recorded. The owner, as its member, may
-- execute it; nobody else may.
grant create on schema audit to penstock_auditor;
alter function audit.changes_prune(timestamptz) owner to penstock_auditor;
revoke create on schema audit from penstock_auditor;

commit;
