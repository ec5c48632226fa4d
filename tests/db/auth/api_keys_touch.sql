begin;

\ir ../house/personas.psql

select plan(3);

select is(count(*), 5::bigint, 'whatever changes keys says which') from pg_trigger as t
where t.tgrelid = 'auth.api_keys'::regclass and t.tgfoid = 'penstock.touch_auth_api_keys()'::regprocedure;

select set_config('penstock.touched', '', true) \g /dev/null
insert into auth.api_keys (user_id, name, role, key_hash) values (:ada, 'a service', 'member', sha256('key')) returning id as key \gset
select is((nullif(current_setting('penstock.touched'), '')::text[])[2:], array['api_key:' || :'key'], 'by its number');
select set_config('penstock.touched', '', true) \g /dev/null
update app.users set is_active = false where id = :ada;
select ok('api_key:*' = any (nullif(current_setting('penstock.touched'), '')::text[]), 'and all of them where a user changes');

select * from finish();

rollback;
