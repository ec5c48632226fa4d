begin;

do $$
begin
    assert has_function_privilege('member', 'penstock.emit(text, jsonb, text, text, name)', 'execute');
end
$$;

rollback;
