begin;

\ir ../house/personas.psql

select plan(5);

select has_domain('api', 'password', 'there is a type for passwords');

select lives_ok($$select '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA'::api.password$$, 'Argon2id');
select lives_ok($$select '$2b$12$abcdefghijklmnopqrstuv'::api.password$$, 'bcrypt');
select is(
    pg_temp.refusal($$select 'correct horse'::api.password$$),
    '23514 password_is_hashed: value for domain api.password violates check constraint "password_is_hashed"',
    'a plain password comes in by no way'
);
select throws_ok($$select '$1$md5'::api.password$$, '23514', null, 'nor does a weak hash');

select * from finish();

rollback;
