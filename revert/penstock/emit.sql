begin;

drop function penstock.emit(text, jsonb, text, text, name);

commit;
