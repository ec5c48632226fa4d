"""A schema of cacheable functions beside the store, for the tests of the cache."""

LAB = """
create schema lab;
grant usage on schema lab to anon, member, staff, admin;

create table lab.lamps (id bigint primary key, name text not null, watts int not null default 5);
grant all on lab.lamps to anon, member, staff, admin;
insert into lab.lamps values (7, 'seven'), (8, 'eight');
call penstock.rows_tag('lab.lamps', 'lamps', 'lamp:{id}');

create function lab.lamp_get(id bigint) returns setof lab.lamps stable rows 1 language sql
    as $$ select l.* from lab.lamps as l where l.id = lamp_get.id $$;
comment on function lab.lamp_get is 'HTTP GET /lamps/{id}
@single
@cache 1min tags=lamp:{id} vary=none';

create function lab.lamp_list("limit" api.page_size default 2, cursor jsonb default null)
    returns setof lab.lamps stable language sql
    as $$ select l.* from lab.lamps as l
        where l.id > coalesce((lamp_list.cursor ->> 'id')::bigint, 0)
        order by l.id limit lamp_list."limit" $$;
comment on function lab.lamp_list is 'HTTP GET /lamps
@page id
@cache 1min tags=lamps vary=role';

create function lab.lamp_put(id bigint, name text) returns lab.lamps volatile language sql
    as $$ insert into lab.lamps (id, name) values (lamp_put.id, lamp_put.name)
        on conflict (id) do update set name = excluded.name returning * $$;
comment on function lab.lamp_put is 'HTTP PUT /lamps/{id}';

-- Fails after it has written.
create function lab.lamp_drop(id bigint) returns void volatile language plpgsql as $$
begin
    delete from lab.lamps as l where l.id = lamp_drop.id;
    raise exception using errcode = 'PT409', message = 'It stays.';
end $$;
comment on function lab.lamp_drop is 'HTTP DELETE /lamps/{id}';

-- What a function sees of its caller.
create function lab.who_subject() returns json stable language sql
    as $$ select json_build_object('claims', current_setting('request.jwt.claims', true)) $$;
comment on function lab.who_subject is 'HTTP GET /who/subject
@cache 1min';
create function lab.who_role() returns json stable language sql
    as $$ select json_build_object('user', request.user_id(), 'role', current_user) $$;
comment on function lab.who_role is 'HTTP GET /who/role
@cache 1min vary=role';
create function lab.who_none() returns json stable language sql
    as $$ select json_build_object('user', request.user_id(), 'role', current_user) $$;
comment on function lab.who_none is 'HTTP GET /who/none
@cache 1min vary=none';
create function lab.mine() returns setof lab.lamps stable language sql
    as $$ select l.* from lab.lamps as l where l.id = request.user_id() $$;
comment on function lab.mine is 'HTTP GET /mine
@cache 1min tags=lamp:{sub}';

-- The moment of the call: another call, another answer.
create function lab.brief() returns timestamptz stable language sql as 'select clock_timestamp()';
comment on function lab.brief is 'HTTP GET /moments/brief
@cache 300ms vary=none';
create function lab.lasting() returns timestamptz stable language sql as 'select clock_timestamp()';
comment on function lab.lasting is 'HTTP GET /moments/lasting
@cache 200ms vary=none stale=1min';
create function lab.local() returns timestamptz stable language sql as 'select clock_timestamp()';
comment on function lab.local is 'HTTP GET /moments/local
@cache 1min tags=lamps vary=none local=400ms';
create function lab.slow() returns timestamptz stable language plpgsql
    as $$ begin perform pg_sleep(0.5); return clock_timestamp(); end $$;
comment on function lab.slow is 'HTTP GET /moments/slow
@cache 1min tags=lamps vary=none';
create function lab.with_header() returns timestamptz stable language plpgsql as $$
begin
    perform set_config('response.headers', '[{"X-For": "you"}]', true);
    return clock_timestamp();
end $$;
comment on function lab.with_header is 'HTTP GET /moments/header
@cache 1min vary=none';

-- Touches only when its transaction ends.
create table lab.notes (id bigint primary key);
grant all on lab.notes to anon, member, staff, admin;
create function lab.note_touch() returns trigger language plpgsql
    as $$ begin perform penstock.touch('lamps'); return null; end $$;
create constraint trigger touch after insert on lab.notes
    deferrable initially deferred for each row execute function lab.note_touch();
create function lab.note_add(id bigint) returns void volatile language sql
    as $$ insert into lab.notes values (note_add.id) $$;
comment on function lab.note_add is 'HTTP POST /notes';

grant execute on all functions in schema lab to anon, member, staff, admin;
"""
