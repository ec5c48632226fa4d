begin;

\ir ../house/personas.psql

select plan(17);

-- Signature
select volatility_is('api', 'audit_list', array['api.page_size', 'jsonb', 'text', 'jsonb', 'text', 'timestamp with time zone', 'timestamp with time zone'], 'stable');
select function_owner_is('api', 'audit_list', array['api.page_size', 'jsonb', 'text', 'jsonb', 'text', 'timestamp with time zone', 'timestamp with time zone'], 'penstock_auditor');

-- Behaviour: what stands here alone
alter table audit.changes disable trigger changes_stay;
delete from audit.changes;
alter table audit.changes enable trigger changes_stay;

insert into audit.changes (at, login, role, subject, table_name, operation, key, after)
overriding user value
values
    ('2001-01-01', 'authenticator', 'staff', '7', 'app.products', 'insert', '{"id": 1}', '{"id": 1}'),
    ('2001-01-02', 'authenticator', 'staff', '7', 'app.products', 'update', '{"id": 1}', '{"price": 2}'),
    ('2001-01-02', 'authenticator', 'staff', '8', 'app.products', 'update', '{"id": 2}', '{"price": 2}'),
    ('2001-01-03', 'ann', 'ann', null, 'app.orders', 'delete', '{"id": 1}', null),
    ('2001-01-04', 'authenticator', 'member', '7', 'app.posts', 'insert', '{"id": 5}', '{"id": 5}');

create function pg_temp.days(arguments text) returns text language plpgsql as $$
declare
    v_days text;
begin
    execute format(
        'select string_agg(to_char(a.at, ''FMDD'') || left(a.operation::text, 1), '' '') from api.audit_list(%s) as a', arguments
    ) into v_days;
    return v_days;
end
$$;

select pg_temp.be('admin', :eve);
select is(pg_temp.days(''), '4i 3d 2u 2u 1i', 'the latest first');
select is(pg_temp.days('2'), '4i 3d', 'a page');
select is(
    (select pg_temp.days(format('3, %L', jsonb_build_object('at', a.at, 'id', a.id))) from api.audit_list(3) as a offset 2),
    '2u 1i', 'and the next one, which begins between two of one moment'
);
select is(pg_temp.days($$"table" => 'app.products'$$), '2u 2u 1i', 'of a table');
select is(pg_temp.days($$"table" => 'app.products', key => '{"id": 1}'$$), '2u 1i', 'of a row');
select is(pg_temp.days($$subject => '7'$$), '4i 2u 1i', 'of a caller');
select is(pg_temp.days($$since => '2001-01-02', until => '2001-01-04'$$), '3d 2u 2u', 'of a time, without its end');
select is(pg_temp.days($$subject => '7', "table" => 'app.products', until => '2001-01-02'$$), '1i', 'of all that together');
select is(pg_temp.days($$"table" => 'app.lamps'$$), null, 'of a table that is not there, none');
select is(
    (select row(a.xid, a.login, a.role, a.subject, a."table", a.key, a.before, a.after)::text from api.audit_list(1) as a),
    format('(%s,authenticator,member,7,app.posts,"{""id"": 5}",,"{""id"": 5}")', pg_current_xact_id()), 'what is said of each'
);
select is(
    pg_temp.refusal($$select api.audit_list(key => '{"id": 1}')$$),
    'PT422 audit_key_of_table: A key is that of a table: name the table as well.', 'a key without its table'
);
select throws_ok('select api.audit_list(0)', '23514', null, 'a page of nothing is refused');

-- Permission
select is(pg_temp.callers('api.audit_list(api.page_size, jsonb, text, jsonb, text, timestamptz, timestamptz)'), 'admin', 'for admins alone');
select pg_temp.be('staff', :sam);
select throws_ok('select api.audit_list()', '42501', null, 'not for staff');
select pg_temp.be('member', :ada);
select throws_ok('select api.audit_list()', '42501', null, 'nor for members');

select * from finish();

rollback;
