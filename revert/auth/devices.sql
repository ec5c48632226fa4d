begin;

drop table auth.devices;

commit;
