-- Deploy api/import_reason
-- requires: api/schema app/reject_reason

begin;

do $$
begin
    create type api.import_reason as (
        reason app.reject_reason,
        lines integer
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.import_reason is 'How many lines of an import were rejected for a reason.';
comment on column api.import_reason.reason is 'The reason.';
comment on column api.import_reason.lines is 'How many lines.';

commit;
