begin;

select '$argon2id$v=19$'::api.password;

rollback;
