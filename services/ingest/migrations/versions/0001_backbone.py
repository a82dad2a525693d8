"""The vault, the public side of complaints, and the kit's tables."""

from alembic import op

from lintas.database.ddl import INBOX_V1, OUTBOX_V1, PARKED_EVENT_V1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_VAULT = """
CREATE TABLE reporter_key (
    key_id uuid PRIMARY KEY,
    reporter bytea NOT NULL CHECK (length(reporter) = 32),
    wrapped bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE UNIQUE INDEX reporter_key_live ON reporter_key (reporter) WHERE wrapped IS NOT NULL;
COMMENT ON TABLE reporter_key IS
    'One living data key per reporter. Without it nothing of theirs can be read again.';
COMMENT ON COLUMN reporter_key.reporter IS 'Keyed hash of what identifies the reporter.';
COMMENT ON COLUMN reporter_key.wrapped IS
    'The data key, sealed under the vault''s key; NULL once destroyed.';

CREATE TABLE complaint (
    complaint_id uuid PRIMARY KEY,
    ticket text NOT NULL UNIQUE,
    secret_hash bytea,
    client text NOT NULL,
    anonymity text NOT NULL,
    key_id uuid NOT NULL REFERENCES reporter_key,
    received_at timestamptz NOT NULL
);
CREATE INDEX complaint_key ON complaint (key_id);
COMMENT ON TABLE complaint IS 'What a first mention opened: ticket, link, reporter''s key.';
COMMENT ON COLUMN complaint.secret_hash IS 'SHA-256 of the link''s secret; NULL: the link is dead.';
COMMENT ON COLUMN complaint.client IS 'Who handed in the first mention; only they get the link.';

CREATE TABLE mention (
    mention_id uuid PRIMARY KEY,
    complaint_id uuid NOT NULL REFERENCES complaint,
    revision text NOT NULL,
    channel text NOT NULL,
    account text NOT NULL,
    sealed bytea NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX mention_complaint ON mention (complaint_id, received_at);
COMMENT ON TABLE mention IS 'What people said; text, author and addresses only sealed.';

CREATE TABLE request (
    request bytea PRIMARY KEY CHECK (length(request) = 32),
    fingerprint bytea NOT NULL,
    received_at timestamptz NOT NULL
);
COMMENT ON TABLE request IS
    'Idempotency keys, as keyed hashes, each with the fingerprint of the one body it stands for.';

CREATE TABLE unseal_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    opened_at timestamptz NOT NULL,
    actor text NOT NULL,
    client text,
    purpose text NOT NULL,
    complaint_id uuid NOT NULL,
    key_id uuid NOT NULL,
    outcome text NOT NULL
);
CREATE INDEX unseal_audit_complaint ON unseal_audit (complaint_id, id);
COMMENT ON TABLE unseal_audit IS
    'Who opened whose data, when and what for. Rows are only ever added.';

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER unseal_audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON unseal_audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

_PUBLIC = """
CREATE TABLE public_status (
    complaint_id uuid PRIMARY KEY REFERENCES complaint,
    seq integer NOT NULL,
    status text NOT NULL,
    promised_at timestamptz,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE public_status IS
    'What a citizen sees, folded from the lifecycle; hand-offs between agencies never show.';
COMMENT ON COLUMN public_status.seq IS 'The last lifecycle fact folded in; 0 before the first.';

CREATE TABLE published_answer (
    complaint_id uuid NOT NULL REFERENCES complaint,
    statement_id uuid NOT NULL,
    version integer NOT NULL,
    published_at timestamptz NOT NULL,
    retracted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (complaint_id, statement_id)
);
COMMENT ON TABLE published_answer IS
    'The newest published version of each statement that answers a complaint.';

CREATE TABLE city_document (
    id text NOT NULL,
    version text NOT NULL,
    effective_from timestamptz,
    effective_to timestamptz,
    known_from timestamptz NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (id, version)
);
COMMENT ON TABLE city_document IS
    'City documents seen on the directory topic, so that intake can start without Kafka.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    for script in (INBOX_V1, OUTBOX_V1, PARKED_EVENT_V1, _VAULT, _PUBLIC):
        # a prepared statement, as op.execute makes one, holds a single command
        connection.run_async(lambda driver, script=script: driver.execute(script))
