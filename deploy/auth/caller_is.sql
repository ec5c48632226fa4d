-- Deploy auth/caller_is
-- requires: auth/schema

begin;

create or replace function auth.caller_is(user_id bigint, session_id uuid)
    returns void
    volatile
    language sql
as $$
    select set_config(
        'request.jwt.claims',
        json_build_object('sub', caller_is.user_id::text, 'sid', caller_is.session_id)::text,
        true
    )
$$;

comment on function auth.caller_is(bigint, uuid) is
    'Whoever has just proved who they are calls from here on: the record of changes names them.';

grant execute on function auth.caller_is(bigint, uuid) to gatekeeper;

commit;
