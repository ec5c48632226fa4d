-- Deploy api/job
-- requires: api/schema

begin;

do $$
begin
    create type api.job as (
        id uuid,
        request text,
        state text,
        lines bigint,
        done bigint,
        begun_at timestamptz,
        ended_at timestamptz,
        status integer,
        result json
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.job is 'A call that was answered before it was done.';
comment on column api.job.id is 'The job''s id.';
comment on column api.job.request is 'What was called, as in "POST /products/bulk".';
comment on column api.job.state is 'running, done (all was kept that the result speaks of) or failed (nothing was kept).';
comment on column api.job.lines is 'How many lines were sent.';
comment on column api.job.done is
    'How many of them it is through with. Nothing is kept before the job is done, so a failed one says how far it came.';
comment on column api.job.begun_at is 'When all lines had arrived.';
comment on column api.job.ended_at is 'When it was done, or had failed; null while it runs, and where its server was lost.';
comment on column api.job.status is 'The status that the answer would have had; null while it runs.';
comment on column api.job.result is 'The body that the answer would have had: the report, or a problem. Null while it runs, and where there is none.';

commit;
