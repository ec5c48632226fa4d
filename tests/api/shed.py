"""A schema of functions that change things, for the tests of keys, batches and rehearsals."""

SHED = """
set check_function_bodies = off;
create schema shed;
grant usage on schema shed to anon, member, staff, admin;

-- Counts calls, whatever becomes of their transactions.
create sequence shed.calls;
create table shed.tools (
    id bigint generated always as identity primary key,
    name text not null,
    made_by text,
    version bigint not null default 1,
    constraint tools_name_short check (length(name) < 100)
);
create table shed.seals (tool_id bigint primary key);
grant all on shed.tools, shed.seals to anon, member, staff, admin;
grant usage on sequence shed.calls to anon, member, staff, admin;
call penstock.rows_tag('shed.tools', 'tools', 'tool:{id}');

create function shed.tool_add(name text, seconds double precision default 0)
    returns shed.tools volatile language plpgsql as $$
declare
    v_tool shed.tools;
begin
    perform nextval('shed.calls');
    insert into shed.tools as t (name, made_by)
    values (tool_add.name, request.claims() ->> 'sub')
    returning t.* into v_tool;
    perform pg_sleep(tool_add.seconds);
    return v_tool;
end $$;
comment on function shed.tool_add is 'HTTP POST /tools
@status 201
@location /tools/{id}
@idempotent';

create function shed.tool_must(name text) returns shed.tools volatile language sql
    as $$ select shed.tool_add(tool_must.name) $$;
comment on function shed.tool_must is 'HTTP POST /tools/must
@idempotent required';

create function shed.tool_plain(name text) returns shed.tools volatile language sql
    as $$ select shed.tool_add(tool_plain.name) $$;
comment on function shed.tool_plain is 'HTTP POST /tools/plain';

create function shed.tool_serial(name text) returns shed.tools volatile language sql
    as $$ select shed.tool_add(tool_serial.name, 0.2) $$;
comment on function shed.tool_serial is 'HTTP POST /tools/serial
@isolation serializable
@idempotent';

create function shed.tool_get(id bigint) returns setof shed.tools stable rows 1 language sql
    as $$ select t.* from shed.tools as t where t.id = tool_get.id $$;
comment on function shed.tool_get is 'HTTP GET /tools/{id}
@single
@etag version
@cache 1min tags=tool:{id} vary=none';

create function shed.tool_list(name text default null) returns setof shed.tools stable language sql
    as $$
    select t.* from shed.tools as t
    where t.name = coalesce(tool_list.name, t.name) order by t.id
$$;
comment on function shed.tool_list is 'HTTP GET /tools';

create function shed.tool_rename(id bigint, name text, version bigint)
    returns shed.tools volatile language plpgsql as $$
declare
    v_tool shed.tools;
begin
    update shed.tools as t set name = tool_rename.name, version = t.version + 1
    where t.id = tool_rename.id and t.version = tool_rename.version
    returning t.* into v_tool;
    if not found then
        raise exception using errcode = 'PT412', message = 'It was changed.';
    end if;
    return v_tool;
end $$;
comment on function shed.tool_rename is 'HTTP PUT /tools/{id}
@if_match version
@idempotent';

create function shed.tool_drop(id bigint) returns void volatile language sql as $$
    select nextval('shed.calls');
    delete from shed.tools as t where t.id = tool_drop.id
$$;
comment on function shed.tool_drop is 'HTTP DELETE /tools/{id}
@idempotent';

-- Writes, and says that there is nothing.
create function shed.tool_hide(name text) returns setof shed.tools volatile language sql as $$
    select shed.tool_add(tool_hide.name);
    select t.* from shed.tools as t where false
$$;
comment on function shed.tool_hide is 'HTTP POST /tools/hide
@single
@idempotent';

create function shed.tool_say(name text, status text default '202')
    returns json volatile language plpgsql as $$
begin
    perform shed.tool_add(tool_say.name);
    perform set_config('response.status', tool_say.status, true);
    perform set_config('response.headers', '[{"X-Tool": "' || tool_say.name || '"}]', true);
    return to_json(tool_say.name);
end $$;
comment on function shed.tool_say is 'HTTP POST /tools/say
@idempotent';

-- What was said by a call before it must not be left behind.
create function shed.said() returns json stable language sql as $$
    select json_build_array(
        current_setting('response.status', true), current_setting('response.headers', true)
    )
$$;
comment on function shed.said is 'HTTP GET /said';

create function shed.tool_fail(name text) returns shed.tools volatile language plpgsql as $$
begin
    perform shed.tool_add(tool_fail.name);
    raise exception using errcode = 'PT409', constraint = 'tools_fail', message = 'It fails.';
end $$;
comment on function shed.tool_fail is 'HTTP POST /tools/fail
@idempotent';

-- Fails when all is done, unless the tool is named good.
create function shed.seal() returns trigger language plpgsql as $$
begin
    if exists (select from shed.tools as t where t.id = new.tool_id and t.name = 'good') then
        return null;
    end if;
    raise exception using errcode = 'PT422', constraint = 'seals_good', message = 'It is not good.';
end $$;
create constraint trigger seal after insert on shed.seals
    deferrable initially deferred for each row execute function shed.seal();
create function shed.tool_seal(id bigint) returns void volatile language sql
    as $$ insert into shed.seals values (tool_seal.id) $$;
comment on function shed.tool_seal is 'HTTP POST /tools/{id}/seal
@idempotent';

create function shed.who() returns json stable language sql
    as $$ select json_build_object('sub', request.claims() ->> 'sub', 'role', current_user) $$;
comment on function shed.who is 'HTTP GET /who';
create function shed.who_secret() returns json stable language sql as $$ select to_json(1) $$;
comment on function shed.who_secret is 'HTTP GET /who/secret';
create function shed.who_often() returns json stable language sql as $$ select to_json(1) $$;
comment on function shed.who_often is 'HTTP GET /who/often
@rate 3/day';
create function shed.who_asks() returns json stable language sql
    as $$ select current_setting('request.headers')::json $$;
comment on function shed.who_asks is 'HTTP GET /who/asks
@headers';
create function shed.where_asked() returns text stable language sql
    as $$ select current_setting('request.method') || ' ' || current_setting('request.path') $$;
comment on function shed.where_asked is 'HTTP GET /where/asked';
create function shed.slow(seconds double precision) returns void stable language sql
    as $$ select pg_sleep(slow.seconds) $$;
comment on function shed.slow is 'HTTP GET /slow';
create function shed.echo(json) returns json volatile language sql as 'select $1';
comment on function shed.echo is 'HTTP POST /echo';
-- Promises to read, and writes.
create function shed.liar() returns bigint stable language plpgsql as $$
begin
    return (shed.tool_add('a lie')).id;
end $$;
comment on function shed.liar is 'HTTP GET /liar';
create function shed.enter(name text, password api.password)
    returns bigint volatile language sql as $$ select (shed.tool_add(enter.name)).id $$;
comment on function shed.enter is 'HTTP POST /enter
@idempotent';

create type shed.tool_line as (name text);
create function shed.tool_import() returns bigint volatile language sql as $$
    with added as (
        insert into shed.tools (name) select b.name from pg_temp.bulk_lines as b returning 1
    )
    select count(*) from added
$$;
comment on function shed.tool_import is 'HTTP POST /tools/import
@bulk shed.tool_line
@idempotent';

grant execute on all functions in schema shed to anon, member, staff, admin;
revoke execute on function shed.who_secret() from public, anon, member;
"""
