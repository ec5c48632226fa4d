begin;

do $$
begin
    assert has_function_privilege('gatekeeper', 'app.welcome_mail(app.email, app.username)', 'execute');
end
$$;

rollback;
