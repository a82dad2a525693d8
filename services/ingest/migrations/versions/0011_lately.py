"""Statuses heard lately are looked at again; what webhooks brought is kept for a while as it came."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_LATELY = """
-- of one channel, so that no other one pays for it
CREATE INDEX mention_lately ON mention (account, received_at DESC, mention_id DESC)
    WHERE channel = 'mastodon' AND withdrawn_at IS NULL;
"""

_BODIES = """
CREATE TABLE webhook_body (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    channel text NOT NULL,
    account text NOT NULL,
    sealed bytea NOT NULL,
    unread text[] NOT NULL,
    reporters bytea[] NOT NULL,
    received_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    replayed_at timestamptz
);
CREATE INDEX webhook_body_expires ON webhook_body (expires_at);
CREATE INDEX webhook_body_unread ON webhook_body (id) WHERE unread <> '{}';
CREATE INDEX webhook_body_reporters ON webhook_body USING gin (reporters);
COMMENT ON TABLE webhook_body IS
    'Genuine bodies as they came, sealed like quarantined records, to be read again after a mend.';
COMMENT ON COLUMN webhook_body.digest IS 'Keyed hash of the body: one that comes again is kept once.';
COMMENT ON COLUMN webhook_body.unread IS 'Why parts of it were set aside; empty if all was read.';
COMMENT ON COLUMN webhook_body.reporters IS 'Keyed hashes of whoever it tells of.';

CREATE FUNCTION forget_webhook_bodies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM webhook_body WHERE reporters && (
        SELECT array_append(array_agg(reporter), NEW.reporter) FROM same_reporter
        WHERE same_as = NEW.reporter);
    RETURN NULL;
END $$;
CREATE TRIGGER reporter_key_takes_webhook_bodies AFTER UPDATE OF wrapped ON reporter_key
    FOR EACH ROW WHEN (NEW.wrapped IS NULL) EXECUTE FUNCTION forget_webhook_bodies();

CREATE TABLE replay_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    replayed_at timestamptz NOT NULL,
    actor text NOT NULL,
    client text,
    body bigint NOT NULL,
    outcome text NOT NULL
);
COMMENT ON TABLE replay_audit IS
    'Which bodies were read again, and for whom. Rows are only ever added.';
CREATE TRIGGER replay_audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON replay_audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    for script in (_LATELY, _BODIES):
        connection.run_async(lambda driver, script=script: driver.execute(script))
