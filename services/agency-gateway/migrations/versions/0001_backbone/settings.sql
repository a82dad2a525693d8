-- Who is asking, as every policy reads it. Set per transaction: app.role is worker, coordinator,
-- officer or public; app.agency is the officer's agency. Unset means nobody: nothing is visible.
-- After the first set_config(…, true) of a session an unset variable is '', hence NULLIF.
CREATE FUNCTION app_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.role', true), '') $$;
CREATE FUNCTION app_agency() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.agency', true), '') $$;
CREATE FUNCTION app_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('app.actor', true), '') $$;
