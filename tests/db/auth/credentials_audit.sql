begin;

\ir ../house/personas.psql

select plan(4);

insert into auth.credentials (user_id, password_hash) values (:ada, '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$Zmlyc3Q');
update auth.credentials set password_hash = '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$c2Vjb25k' where user_id = :ada;
delete from app.users where id = :ada;

select results_eq(
    $$select c.operation::text, c.before ->> 'password_hash', c.after ->> 'password_hash' from audit.changes as c
    where c.table_name = 'auth.credentials' and c.key = jsonb_build_object('user_id', $$ || :ada || $$) order by c.at, c.id$$,
    $$values ('insert', null, '(secret)'), ('update', '(secret)', '(secret)'), ('delete', '(secret)', null)$$,
    'that a password came, changed and went with its user'
);
select is_empty(
    $$select from audit.changes as c where c::text ~ 'argon2id'$$, 'no hash is written anywhere'
);

-- Every password of the domain is secret, whatever the call said.
select is_empty(
    $$select a.attrelid::regclass, a.attname
    from pg_attribute as a
    join audit.tables as t on to_regclass(t.table_name) = a.attrelid
    where a.atttypid = 'api.password'::regtype and not a.attisdropped
        and t.columns is not null
        and a.attname <> all (t.secret)$$,
    'no column of type api.password is recorded'
);

-- Control: a hash in a column of another type, that nobody called secret.
create table app.planted (id bigint primary key, hash text);
call audit.rows_record('app.planted');
insert into app.planted values (1, '$argon2id$v=19$');
select isnt_empty($$select from audit.changes as c where c::text ~ 'argon2id'$$, 'one that is written is found');

select * from finish();

rollback;
