-- Deploy auth/login_attempts
-- requires: auth/schema
-- Not by user: what is tried for an address that nobody has must count in the same way.

begin;

create table if not exists auth.login_attempts (
    account bytea not null,
    device bytea not null default '',
    recent timestamptz[] not null,
    constraint login_attempts_pkey primary key (account, device)
);

-- By what is cleared away.
create index if not exists login_attempts_by_time on auth.login_attempts ((recent[cardinality(recent)]));

comment on table auth.login_attempts is
    'When passwords were tried lately, of accounts there are and of those there aren''t: nobody shall tell them apart.';
comment on column auth.login_attempts.account is 'The SHA-256 of the e-mail address in lower case: who guesses leaves no addresses here.';
comment on column auth.login_attempts.device is 'The device or session that the account knows, or nothing for all others together.';
comment on column auth.login_attempts.recent is 'When: the last ten at most.';

commit;
