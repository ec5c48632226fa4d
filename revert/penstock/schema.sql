begin;

do $$
begin
    if to_regclass('sqitch.changes') is not null then
        revoke select on sqitch.changes from penstock_agent;
        revoke usage on schema sqitch from penstock_agent;
    end if;
end
$$;

drop schema penstock;

alter default privileges grant execute on functions to public;

commit;
