-- Official statements. What the rules promise is also refused here: no confirmation by an author,
-- no publication of words that are not confirmed, no change of words once published.

CREATE TABLE statement (
    id uuid PRIMARY KEY,
    agency text NOT NULL,
    kind text NOT NULL,
    purpose text NOT NULL,
    created_at timestamptz NOT NULL,
    first_published_at timestamptz,
    UNIQUE (id, agency)
);
CREATE INDEX statement_agency ON statement (agency, created_at);

CREATE TABLE statement_complaint (
    statement_id uuid NOT NULL,
    complaint_id uuid NOT NULL REFERENCES complaint,
    -- the lead's, so that this table's policy need not look into `statement`
    agency text NOT NULL,
    PRIMARY KEY (statement_id, complaint_id),
    FOREIGN KEY (statement_id, agency) REFERENCES statement (id, agency)
);
CREATE INDEX statement_complaint_complaint ON statement_complaint (complaint_id);
CREATE INDEX statement_complaint_agency ON statement_complaint (agency, complaint_id);

CREATE TABLE statement_version (
    statement_id uuid NOT NULL REFERENCES statement,
    version integer NOT NULL CHECK (version >= 1),
    state text NOT NULL,
    -- canonical JSON of {text, variants}: the hash cannot disagree with the words
    content bytea NOT NULL,
    sha256 text GENERATED ALWAYS AS (encode(sha256(content), 'hex')) STORED,
    revision bigint NOT NULL DEFAULT 1,
    override_reason text,
    created_at timestamptz NOT NULL,
    published_at timestamptz,
    corrected_by integer,
    retracted_at timestamptz,
    retraction_reason text,
    PRIMARY KEY (statement_id, version)
);
CREATE UNIQUE INDEX statement_version_pending ON statement_version (statement_id)
    WHERE state IN ('draft', 'in_review', 'confirmed');

CREATE TABLE statement_author (
    statement_id uuid NOT NULL,
    version integer NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (statement_id, version, person_id),
    FOREIGN KEY (statement_id, version) REFERENCES statement_version
);

CREATE TABLE statement_confirmation (
    id uuid PRIMARY KEY,
    statement_id uuid NOT NULL,
    version integer NOT NULL,
    sha256 text NOT NULL,
    person_id uuid NOT NULL,
    -- the confirming office: always the lead
    agency text NOT NULL,
    confirmed_at timestamptz NOT NULL,
    voided_at timestamptz,
    FOREIGN KEY (statement_id, version) REFERENCES statement_version,
    FOREIGN KEY (statement_id, agency) REFERENCES statement (id, agency)
);
CREATE UNIQUE INDEX statement_confirmation_live ON statement_confirmation (statement_id, version)
    WHERE voided_at IS NULL;

-- The guards look with the worker's sight, so that nobody gets round them by not seeing a row. Each
-- takes the version's lock, so that author and confirmation cannot pass each other.

CREATE FUNCTION guard_confirmation() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    asker text := current_setting('app.role', true);
    words statement_version;
BEGIN
    PERFORM set_config('app.role', 'worker', true);
    SELECT * INTO words FROM statement_version
        WHERE statement_id = NEW.statement_id AND version = NEW.version FOR UPDATE;
    IF EXISTS (SELECT FROM statement_author WHERE statement_id = NEW.statement_id
               AND version = NEW.version AND person_id = NEW.person_id) THEN
        RAISE EXCEPTION 'an author does not confirm' USING ERRCODE = 'check_violation';
    END IF;
    IF words.state <> 'in_review' OR words.sha256 <> NEW.sha256 OR NEW.voided_at IS NOT NULL THEN
        RAISE EXCEPTION 'only the words in review are confirmed' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM set_config('app.role', asker, true);
    RETURN NEW;
END $$;
CREATE TRIGGER guard_confirmation BEFORE INSERT ON statement_confirmation
    FOR EACH ROW EXECUTE FUNCTION guard_confirmation();

CREATE FUNCTION guard_voiding() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    asker text := current_setting('app.role', true);
BEGIN
    PERFORM set_config('app.role', 'worker', true);
    IF OLD.voided_at IS NOT NULL OR EXISTS (SELECT FROM statement_version
            WHERE statement_id = OLD.statement_id AND version = OLD.version
            AND state IN ('published', 'corrected', 'retracted')) THEN
        RAISE EXCEPTION 'this confirmation stays as it is' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM set_config('app.role', asker, true);
    RETURN NEW;
END $$;
CREATE TRIGGER guard_voiding BEFORE UPDATE ON statement_confirmation
    FOR EACH ROW EXECUTE FUNCTION guard_voiding();

CREATE FUNCTION guard_author() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    asker text := current_setting('app.role', true);
    present text;
BEGIN
    PERFORM set_config('app.role', 'worker', true);
    SELECT state INTO present FROM statement_version
        WHERE statement_id = NEW.statement_id AND version = NEW.version FOR UPDATE;
    IF present <> 'draft' THEN
        RAISE EXCEPTION 'only a draft gets an author' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM set_config('app.role', asker, true);
    RETURN NEW;
END $$;
CREATE TRIGGER guard_author BEFORE INSERT ON statement_author
    FOR EACH ROW EXECUTE FUNCTION guard_author();

CREATE FUNCTION guard_version() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    asker text := current_setting('app.role', true);
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a text begins as a draft' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state IN ('published', 'corrected', 'retracted') AND (NEW.content <> OLD.content
       OR NEW.state NOT IN ('published', 'corrected', 'retracted')) THEN
        RAISE EXCEPTION 'published words stay' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM set_config('app.role', 'worker', true);
    IF NEW.content <> OLD.content OR NEW.state = 'draft' THEN
        UPDATE statement_confirmation SET voided_at = now()
            WHERE statement_id = NEW.statement_id AND version = NEW.version AND voided_at IS NULL;
    END IF;
    -- the generated hash does not exist yet in a trigger that runs before the write
    IF NEW.state IN ('confirmed', 'published', 'corrected', 'retracted') AND NOT EXISTS (
        SELECT FROM statement_confirmation c
        WHERE c.statement_id = NEW.statement_id AND c.version = NEW.version
            AND c.voided_at IS NULL AND c.sha256 = encode(sha256(NEW.content), 'hex')
            AND NOT EXISTS (SELECT FROM statement_author a WHERE a.statement_id = c.statement_id
                AND a.version = c.version AND a.person_id = c.person_id)) THEN
        RAISE EXCEPTION 'these words are not confirmed' USING ERRCODE = 'check_violation';
    END IF;
    PERFORM set_config('app.role', asker, true);
    RETURN NEW;
END $$;
CREATE TRIGGER guard_version BEFORE INSERT OR UPDATE ON statement_version
    FOR EACH ROW EXECUTE FUNCTION guard_version();

ALTER TABLE statement ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE statement_complaint ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE statement_version ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE statement_author ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE statement_confirmation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- drafts: lead and contributors
CREATE POLICY agency_links ON statement_complaint FOR INSERT WITH CHECK (
    (SELECT app_role()) = 'officer' AND agency = (SELECT app_agency()) AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = statement_complaint.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY agency_own ON statement_complaint FOR SELECT
    USING ((SELECT app_role()) = 'officer' AND agency = (SELECT app_agency()));
CREATE POLICY agency_shared ON statement_complaint FOR SELECT USING (
    (SELECT app_role()) = 'officer' AND EXISTS (
        SELECT FROM access a WHERE a.complaint_id = statement_complaint.complaint_id
            AND a.agency = (SELECT app_agency()) AND a.ended_at IS NULL));
CREATE POLICY worker_all ON statement_complaint USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON statement_complaint USING ((SELECT app_role()) = 'coordinator');

CREATE POLICY agency_own ON statement
    USING ((SELECT app_role()) = 'officer' AND agency = (SELECT app_agency()));
CREATE POLICY agency_shared ON statement FOR SELECT USING (
    (SELECT app_role()) = 'officer'
    AND EXISTS (SELECT FROM statement_complaint c WHERE c.statement_id = statement.id));
CREATE POLICY public_published ON statement FOR SELECT
    USING ((SELECT app_role()) = 'public' AND first_published_at IS NOT NULL);
CREATE POLICY worker_all ON statement USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON statement USING ((SELECT app_role()) = 'coordinator');

CREATE POLICY agency_sees ON statement_version USING (
    (SELECT app_role()) = 'officer'
    AND EXISTS (SELECT FROM statement s WHERE s.id = statement_version.statement_id));
CREATE POLICY public_published ON statement_version FOR SELECT USING (
    (SELECT app_role()) = 'public' AND state IN ('published', 'corrected', 'retracted'));
CREATE POLICY worker_all ON statement_version USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON statement_version USING ((SELECT app_role()) = 'coordinator');

CREATE POLICY agency_sees ON statement_author USING (
    (SELECT app_role()) = 'officer'
    AND EXISTS (SELECT FROM statement s WHERE s.id = statement_author.statement_id));
CREATE POLICY worker_all ON statement_author USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON statement_author USING ((SELECT app_role()) = 'coordinator');

CREATE POLICY agency_sees ON statement_confirmation FOR SELECT USING (
    (SELECT app_role()) = 'officer'
    AND EXISTS (SELECT FROM statement s WHERE s.id = statement_confirmation.statement_id));
CREATE POLICY agency_confirms ON statement_confirmation FOR INSERT WITH CHECK (
    (SELECT app_role()) = 'officer' AND agency = (SELECT app_agency())
    AND EXISTS (SELECT FROM statement s WHERE s.id = statement_confirmation.statement_id
        AND s.agency = (SELECT app_agency())));
CREATE POLICY public_published ON statement_confirmation FOR SELECT USING (
    (SELECT app_role()) = 'public' AND voided_at IS NULL AND EXISTS (
        SELECT FROM statement_version v WHERE v.statement_id = statement_confirmation.statement_id
            AND v.version = statement_confirmation.version));
CREATE POLICY worker_all ON statement_confirmation USING ((SELECT app_role()) = 'worker');
CREATE POLICY coordinator_all ON statement_confirmation USING ((SELECT app_role()) = 'coordinator');
