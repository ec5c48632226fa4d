begin;

drop function penstock.touch(text[]);

revoke usage on schema penstock from anon, member, staff, admin, gatekeeper, penstock_clerk;

commit;
