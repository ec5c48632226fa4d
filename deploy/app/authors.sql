-- Deploy app/authors
-- requires: app/users_policy

-- No security barrier: it hides columns, not rows, and a barrier would keep joins from the index.

begin;

create or replace view app.authors as
select u.id, u.username, u.is_active
from app.users as u;

comment on view app.authors is
    'What everybody may know of a user, to put a name to a post. It has everybody: a list of authors names only those who have published.';
comment on column app.authors.id is 'The user''s number.';
comment on column app.authors.username is 'The name others know the user by.';
comment on column app.authors.is_active is 'Whether the user''s account is active.';

-- Reads as the clerk, whose policy and column grants show these three columns of everybody.
grant create on schema app to penstock_clerk;
alter view app.authors owner to penstock_clerk;
revoke create on schema app from penstock_clerk;

grant select on app.authors to anon, member, staff, admin;

commit;
