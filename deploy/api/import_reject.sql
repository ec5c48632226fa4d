-- Deploy api/import_reject
-- requires: api/schema app/reject_reason

begin;

do $$
begin
    create type api.import_reject as (
        line bigint,
        reason app.reject_reason,
        problem text,
        raw text
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.import_reject is 'A line that an import rejected.';
comment on column api.import_reject.line is 'The line''s number in the file.';
comment on column api.import_reject.reason is 'Why the line was rejected.';
comment on column api.import_reject.problem is 'Why the line could not be split into fields, if that is the reason.';
comment on column api.import_reject.raw is 'The line as it stood in the file.';

commit;
