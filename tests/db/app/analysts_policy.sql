begin;

\ir ../house/personas.psql
\ir ../house/analysts.psql

select plan(13);

-- Who sees and writes
select pg_temp.be('penstock_owner');
select is((select count(*) from app.analysts where login in (:'everywhere', :'france')), 2::bigint, 'the owner sees every analyst');
select lives_ok(format('insert into app.analysts values (%L, ''{Spain}'')', :'nobody'), 'and enters them');
select table_privs_are('app', 'analysts', r.name, '{}'::text[], r.name || ' sees none')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk', 'reporter']) as r (name);
select pg_temp.be('report_owner');
select is_empty('select from app.analysts', 'the views'' owner sees who is logged in, and that is no analyst here');
select throws_ok('delete from app.analysts', '42501', null, 'and it writes nothing');
reset role;
set session authorization :"france";
select throws_ok('select from app.analysts', '42501', null, 'an analyst asks in vain');
select throws_ok('update app.analysts set countries = null', '42501', null, 'and can''t help themselves');
reset session authorization;

-- The rule
select is(
    pg_temp.refusal('insert into app.analysts values (''x'', ''{}'')'),
    '23514 analysts_countries_some: new row for relation "analysts" violates check constraint "analysts_countries_some"',
    'no countries are no access, which is no row'
);

select * from finish();

rollback;
