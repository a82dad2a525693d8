-- What people write while they work on a complaint, and what the reporter says later.

CREATE TABLE contribution (
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaint,
    assignment_id uuid NOT NULL REFERENCES assignment,
    agency text NOT NULL,
    person_id uuid NOT NULL,
    text text NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE INDEX contribution_complaint ON contribution (complaint_id, made_at);
CREATE INDEX contribution_agency ON contribution (agency, complaint_id);

CREATE TABLE note (
    id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaint,
    agency text,
    -- person:<id> or key:<id>
    author text NOT NULL,
    text text NOT NULL,
    shared boolean NOT NULL,
    written_at timestamptz NOT NULL
);
CREATE INDEX note_complaint ON note (complaint_id, written_at);
CREATE INDEX note_agency ON note (agency, complaint_id);

CREATE TABLE message (
    event_id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaint,
    mention_id uuid NOT NULL,
    -- followed_up | edited
    kind text NOT NULL,
    -- redacted; null once erased
    text text,
    -- the reporter deleted the post
    hidden boolean NOT NULL DEFAULT false,
    received_at timestamptz NOT NULL
);
CREATE INDEX message_complaint ON message (complaint_id, received_at);

ALTER TABLE contribution ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE note ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE message ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY agency_sees ON contribution FOR SELECT USING (
    (SELECT app_role()) = 'officer' AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = contribution.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY agency_gives ON contribution FOR INSERT WITH CHECK (
    (SELECT app_role()) = 'officer' AND agency = (SELECT app_agency()) AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = contribution.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY worker_all ON contribution USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON contribution USING ((SELECT app_role()) = 'coordinator');

-- a note belongs to its agency unless it is shared
CREATE POLICY agency_sees ON note FOR SELECT USING (
    (SELECT app_role()) = 'officer' AND (agency = (SELECT app_agency()) OR shared) AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = note.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY agency_writes ON note FOR INSERT WITH CHECK (
    (SELECT app_role()) = 'officer' AND agency = (SELECT app_agency()) AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = note.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY worker_all ON note USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON note
    USING ((SELECT app_role()) = 'coordinator' AND (agency IS NULL OR shared))
    WITH CHECK ((SELECT app_role()) = 'coordinator');

CREATE POLICY agency_sees ON message FOR SELECT USING (
    (SELECT app_role()) = 'officer' AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = message.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY worker_all ON message USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON message USING ((SELECT app_role()) = 'coordinator');
