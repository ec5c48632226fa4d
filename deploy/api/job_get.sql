-- Deploy api/job_get
-- requires: api/job penstock/long_call_find

begin;

create or replace function api.job_get(job_id uuid)
    returns setof api.job
    stable
    rows 1
    language plpgsql
as $$
begin
    -- Not to be inlined: it must see what was committed after the statement began.
    return query
    select c.id, c.request, c.state, c.lines, c.done, c.begun_at, c.ended_at, c.status, c.body
    from penstock.long_call_find(job_get.job_id) as c;
end
$$;

comment on function api.job_get(uuid) is $$
What became of a call that was answered with 202.
Yours alone, in the role in which you made it; admins see all. It is there for seven days.

HTTP GET /jobs/{job_id}
@single
@tag jobs
$$;

grant execute on function api.job_get(uuid) to member, staff, admin;

commit;
