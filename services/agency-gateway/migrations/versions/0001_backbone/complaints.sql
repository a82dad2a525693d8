-- Complaints, each agency's share, who may look, and what happened.

CREATE TABLE complaint (
    id uuid PRIMARY KEY,
    ticket text NOT NULL,
    mention_id uuid NOT NULL,
    channel text NOT NULL,
    account text NOT NULL,
    mention_class text NOT NULL,
    category text,
    kecamatan text,
    kelurahan text,
    urgency text NOT NULL,
    subject text,
    stance text NOT NULL,
    stakeholder text NOT NULL,
    anonymity text NOT NULL,
    origin text NOT NULL,
    posted_at timestamptz,
    received_at timestamptz NOT NULL,
    registered_at timestamptz NOT NULL,
    rules_version text NOT NULL,
    model_version text,
    places_version text,
    -- redacted; null once erased
    text text,
    text_salt bytea,
    text_commitment text NOT NULL,
    -- the reporter deleted the post: kept for the record, not shown
    text_hidden boolean NOT NULL DEFAULT false,
    deadlines jsonb NOT NULL,
    state text NOT NULL,
    round integer NOT NULL,
    awaiting_round integer,
    -- of the newest row of history; the next fact is chained to it under this row's lock
    seq bigint NOT NULL,
    head_hash text NOT NULL,
    -- what If-Match names; every visible change raises it
    version bigint NOT NULL DEFAULT 1,
    correlation_id uuid,
    traceparent text
);
CREATE INDEX complaint_ticket ON complaint (ticket);
CREATE INDEX complaint_triage ON complaint (received_at, id) WHERE state = 'triage';

CREATE TABLE access (
    agency text NOT NULL,
    complaint_id uuid NOT NULL REFERENCES complaint,
    granted_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (agency, complaint_id, granted_at)
);
CREATE UNIQUE INDEX access_live ON access (complaint_id, agency) WHERE ended_at IS NULL;

CREATE TABLE claim (
    id uuid PRIMARY KEY,
    agency text NOT NULL,
    -- who holds it: person:<id> or key:<id>
    holder text NOT NULL,
    claimed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    released_at timestamptz,
    UNIQUE (agency, id)
);
CREATE INDEX claim_agency ON claim (agency, expires_at);

CREATE TABLE assignment (
    id uuid PRIMARY KEY,
    agency text NOT NULL,
    complaint_id uuid NOT NULL REFERENCES complaint,
    -- place among the complaint's assignments
    place integer NOT NULL,
    role text NOT NULL,
    state text NOT NULL,
    round integer NOT NULL,
    assigned_at timestamptz NOT NULL,
    accepted_at timestamptz,
    deadlines jsonb NOT NULL,
    -- the next breach; the year 9999 where no policy limits it, so that order needs no null rule
    due_at timestamptz NOT NULL,
    -- copies that the queue filters on
    category text,
    channel text NOT NULL,
    -- a lease is live while claimed_until lies ahead; nothing has to end it
    claim_id uuid,
    claimed_by text,
    claimed_until timestamptz,
    UNIQUE (complaint_id, place),
    FOREIGN KEY (agency, claim_id) REFERENCES claim (agency, id)
);
CREATE INDEX assignment_queue ON assignment (agency, due_at, id)
    WHERE state IN ('queued', 'accepted');
CREATE INDEX assignment_unclaimed ON assignment (agency, due_at, id) WHERE state = 'queued';
CREATE INDEX assignment_claim ON assignment (claim_id) WHERE claim_id IS NOT NULL;

CREATE TABLE history (
    complaint_id uuid NOT NULL REFERENCES complaint,
    seq bigint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    person_id uuid,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    -- the event's body as published
    body text NOT NULL,
    PRIMARY KEY (complaint_id, seq)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER history_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE complaint ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE access ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE claim ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE assignment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE history ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- access: an agency sees and ends its own
CREATE POLICY agency_own ON access FOR SELECT
    USING ((SELECT app_role()) = 'officer' AND agency = (SELECT app_agency()));
CREATE POLICY agency_ends ON access FOR UPDATE
    USING ((SELECT app_role()) = 'officer' AND agency = (SELECT app_agency()));
CREATE POLICY worker_all ON access USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON access USING ((SELECT app_role()) = 'coordinator');

-- everything of a complaint: agencies with a live row in access
CREATE POLICY agency_sees ON complaint FOR SELECT USING (
    (SELECT app_role()) = 'officer' AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = complaint.id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY agency_works ON complaint FOR UPDATE USING (
    (SELECT app_role()) = 'officer' AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = complaint.id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY worker_all ON complaint USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON complaint USING ((SELECT app_role()) = 'coordinator');

CREATE POLICY agency_own ON claim
    USING ((SELECT app_role()) = 'officer' AND agency = (SELECT app_agency()));
CREATE POLICY worker_all ON claim USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON claim USING ((SELECT app_role()) = 'coordinator');

-- the own share first: for an agency's own queue the dearer second test is never made
CREATE POLICY agency_sees ON assignment FOR SELECT USING (
    (SELECT app_role()) = 'officer' AND (agency = (SELECT app_agency()) OR EXISTS (
        SELECT FROM access a WHERE a.complaint_id = assignment.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL)));
CREATE POLICY agency_works ON assignment FOR UPDATE USING (
    (SELECT app_role()) = 'officer' AND (agency = (SELECT app_agency()) OR EXISTS (
        SELECT FROM access a WHERE a.complaint_id = assignment.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL)));
CREATE POLICY worker_all ON assignment USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON assignment USING ((SELECT app_role()) = 'coordinator');

CREATE POLICY agency_sees ON history FOR SELECT USING (
    (SELECT app_role()) = 'officer' AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = history.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY agency_appends ON history FOR INSERT WITH CHECK (
    (SELECT app_role()) = 'officer' AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = history.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY worker_all ON history USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON history USING ((SELECT app_role()) = 'coordinator');

-- what a queue shows; with the reader's own sight
CREATE VIEW queue_item WITH (security_invoker = true) AS
    SELECT a.id AS assignment_id, a.agency, a.complaint_id, a.state, a.role, a.assigned_at,
        a.due_at, a.category, a.channel, a.claim_id, a.claimed_by, a.claimed_until,
        c.ticket, c.version, c.state AS complaint_state, c.mention_class, c.urgency, c.kecamatan,
        c.kelurahan, c.received_at, CASE WHEN NOT c.text_hidden THEN c.text END AS text
    FROM assignment a JOIN complaint c ON c.id = a.complaint_id;
