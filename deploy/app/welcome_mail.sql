-- Deploy app/welcome_mail
-- requires: app/email app/username
-- Nothing that can be any text is in it: whoever registers could write it to anybody.

begin;

create or replace function app.welcome_mail(email app.email, username app.username)
    returns jsonb
    immutable
    language sql
as $$
    select jsonb_build_object(
        'to', welcome_mail.email,
        'subject', 'Welcome, ' || welcome_mail.username,
        'text', format(
            e'Hello %s,\n\nyour account is ready. You log in with this address.\n\nIf it was not you who registered, leave this mail alone.\n',
            welcome_mail.username
        )
    )
$$;

comment on function app.welcome_mail(app.email, app.username) is
    'What a new user is written, as the payload of a mail.';

grant execute on function app.welcome_mail(app.email, app.username) to gatekeeper;

commit;
