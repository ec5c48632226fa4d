begin;

drop schema penstock;

alter default privileges grant execute on functions to public;

commit;
