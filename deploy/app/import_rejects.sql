-- Deploy app/import_rejects
-- requires: app/imports app/reject_reason

begin;

create table if not exists app.import_rejects (
    import_id bigint not null,
    line bigint not null,
    reason app.reject_reason not null,
    problem text,
    raw text,
    constraint import_rejects_pkey primary key (import_id, line),
    constraint import_rejects_import_id_fkey foreign key (import_id)
        references app.imports (id) on delete cascade
);

create index if not exists import_rejects_by_reason on app.import_rejects (import_id, reason, line);

comment on table app.import_rejects is 'The lines that imports rejected, as they came.';
comment on column app.import_rejects.import_id is 'The import.';
comment on column app.import_rejects.line is 'The line''s number in the file.';
comment on column app.import_rejects.reason is 'Why the line was rejected.';
comment on column app.import_rejects.problem is 'Why the line could not be split into fields, if that is the reason.';
comment on column app.import_rejects.raw is 'The line as it stood in the file.';

commit;
