begin;

drop function penstock.source_skeleton(text);

commit;
