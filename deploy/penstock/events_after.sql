-- Deploy penstock/events_after
-- requires: penstock/events_policy penstock/event_place request/claims request/role
-- What a stream is made of. A transaction with a lower number may be committed after one with a
-- higher number was shown: so only what is below every transaction that still runs is shown, in
-- the order of transactions. Nothing can come in before it any more.

begin;

create or replace function penstock.events_after(
    after penstock.event_place,
    "limit" integer,
    topics text default null
)
    returns table (id text, event text, data jsonb)
    stable
    rows 100
    language plpgsql
as $$
declare
    v_horizon constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
    v_xid constant xid8 := split_part(events_after.after, '-', 1)::xid8;
    v_id constant bigint := split_part(events_after.after, '-', 2);
    v_subject constant text := request.claims() ->> 'sub';
    v_role constant name := request.role();
    v_rows bigint := 0;
begin
    if v_xid > v_horizon then
        raise exception using
            errcode = 'PT410',
            constraint = 'event_place_is_known',
            message = 'This place is not one of this database''s: begin again without it.';
    end if;

    if events_after.topics is not null then
        return query
        select e.xid || '-' || e.id, e.topic, e.payload
        from penstock.events as e
        where (e.xid, e.id) > (v_xid, v_id)
            and e.xid < v_horizon
            and (
                e.topic = events_after.topics
                or (right(events_after.topics, 1) = '*' and starts_with(e.topic, rtrim(events_after.topics, '*')))
            )
        order by e.xid, e.id
        limit events_after."limit";
    elsif v_xid is not null then
        -- Each by the index of its own, however much there is of others'.
        return query
        select e.xid || '-' || e.id, e.topic, e.payload
        from (
            (
                select s.xid, s.id, s.topic, s.payload
                from penstock.events as s
                where s.subject = v_subject
                    and (s.xid, s.id) > (v_xid, v_id)
                    and s.xid < v_horizon
                order by s.xid, s.id
                limit events_after."limit"
            )
            union all
            (
                select r.xid, r.id, r.topic, r.payload
                from penstock.events as r
                where r.role = v_role
                    and r.subject is distinct from v_subject
                    and (r.xid, r.id) > (v_xid, v_id)
                    and r.xid < v_horizon
                order by r.xid, r.id
                limit events_after."limit"
            )
        ) as e
        order by e.xid, e.id
        limit events_after."limit";
    end if;

    get diagnostics v_rows = row_count;

    -- That there is no more, and up to where: the next call need not look at that again.
    if v_rows < events_after."limit" or v_xid is null then
        return query select v_horizon || '-0', null::text, null::jsonb;
    end if;
end
$$;

comment on function penstock.events_after(penstock.event_place, integer, text) is
    'The events after a place, as the caller may see them: those of the caller and of their role, or those of some topics. Where there are no more, a last row without data says up to where that is; so it does without a place, for a stream that begins now.';

grant execute on function penstock.events_after(penstock.event_place, integer, text)
    to anon, member, staff, admin;

commit;
