-- Deploy api/password
-- An argument of this type is a password on the outside and its hash on the inside: the API
-- hashes what the client sent before it calls the function. The check is why a plain password
-- can't reach a table by any way.

begin;

do $$
begin
    create domain api.password as text
        constraint password_is_hashed check (value ~ '^\$(argon2id\$v=|2[aby]\$)');
exception
    when duplicate_object then null;  -- deployed before: a domain has no "if not exists"
end
$$;

comment on domain api.password is
    'A password. Clients send it as it is; functions and tables see its Argon2id (or bcrypt) hash.';
comment on constraint password_is_hashed on domain api.password is
    'A password is kept as an Argon2id or bcrypt hash.';

commit;
