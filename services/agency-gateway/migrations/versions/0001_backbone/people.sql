-- People, their sessions, systems' keys, and answers kept for repeated requests.

CREATE TABLE person (
    id uuid PRIMARY KEY,
    username text NOT NULL UNIQUE,
    name text NOT NULL,
    -- null for people of no agency (coordinators of the city)
    agency text,
    roles text[] NOT NULL,
    password_hash text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL
);
CREATE INDEX person_agency ON person (agency, username);

CREATE TABLE session (
    token_hash bytea PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_expires ON session (expires_at);

CREATE TABLE agency_key (
    id text PRIMARY KEY,
    hash text NOT NULL,
    client text NOT NULL,
    agency text,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX agency_key_agency ON agency_key (agency, client);

CREATE TABLE answered_request (
    actor text NOT NULL,
    operation text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    -- null while the first request still runs
    status integer,
    headers jsonb,
    body text,
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (actor, operation, key)
);
CREATE INDEX answered_request_age ON answered_request (answered_at);

ALTER TABLE person ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE session ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE agency_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE answered_request ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY agency_own ON person FOR SELECT
    USING ((SELECT app_role()) = 'officer' AND agency = (SELECT app_agency()));
CREATE POLICY worker_all ON person USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON person USING ((SELECT app_role()) = 'coordinator');
CREATE POLICY worker_all ON session USING ((SELECT app_role()) = 'worker');
CREATE POLICY worker_all ON agency_key USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON agency_key USING ((SELECT app_role()) = 'coordinator');
-- an answer is kept for whoever asked
CREATE POLICY own_requests ON answered_request USING (actor = (SELECT app_actor()));
CREATE POLICY worker_all ON answered_request USING ((SELECT app_role()) = 'worker');
