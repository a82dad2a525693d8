-- The runtime role gets what the service does and nothing else: no TRUNCATE, no rewriting of what
-- is append-only, whatever the server's defaults grant.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM lintas_gateway;
GRANT USAGE ON SCHEMA public TO lintas_gateway;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO lintas_gateway;

GRANT SELECT, INSERT, UPDATE, DELETE ON inbox, outbox, parked_event, session, answered_request
    TO lintas_gateway;
GRANT SELECT, INSERT, UPDATE ON complaint, access, claim, assignment, message, statement,
    statement_version, person, agency_key TO lintas_gateway;
GRANT SELECT ON queue_item TO lintas_gateway;
GRANT SELECT, INSERT ON history, contribution, note, statement_complaint, statement_author,
    statement_confirmation, directory_document TO lintas_gateway;
GRANT UPDATE (voided_at) ON statement_confirmation TO lintas_gateway;
