"""Erasure to its end: holds, requests that wait for them, restored backups, retention."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Over published rows only: what intake writes costs nothing, and what waits for Kafka is few.
_OUTBOX = """
CREATE INDEX outbox_key ON outbox (key) WHERE published_at IS NOT NULL;
"""

_HOLDS = """
CREATE TABLE legal_hold (
    hold_id uuid PRIMARY KEY,
    complaint_id uuid REFERENCES complaint,
    reporter bytea CHECK (length(reporter) = 32),
    reason text NOT NULL,
    reference text NOT NULL,
    held_until timestamptz NOT NULL,
    placed_at timestamptz NOT NULL,
    actor text NOT NULL,
    client text,
    CHECK (num_nonnulls(complaint_id, reporter) = 1)
);
CREATE INDEX legal_hold_complaint ON legal_hold (complaint_id) WHERE complaint_id IS NOT NULL;
CREATE INDEX legal_hold_until ON legal_hold (held_until);
COMMENT ON TABLE legal_hold IS
    'What may not be erased, on whose word, why and until when. Rows are only ever added.';
COMMENT ON COLUMN legal_hold.reporter IS 'Keyed hash of the reporter, where all of theirs is held.';

CREATE TABLE legal_hold_end (
    hold_id uuid PRIMARY KEY REFERENCES legal_hold,
    ended_at timestamptz NOT NULL,
    actor text NOT NULL,
    client text
);
COMMENT ON TABLE legal_hold_end IS 'Holds that were ended before their time. Only ever added.';

CREATE TABLE held_erasure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reporter bytea NOT NULL CHECK (length(reporter) = 32),
    asked_at timestamptz NOT NULL,
    actor text NOT NULL,
    client text,
    purpose text NOT NULL,
    applied_at timestamptz
);
CREATE INDEX held_erasure_waiting ON held_erasure (id) WHERE applied_at IS NULL;
COMMENT ON TABLE held_erasure IS 'Erasures asked for under a hold; applied once it has ended.';

CREATE TRIGGER legal_hold_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON legal_hold
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER legal_hold_end_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON legal_hold_end
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

_RESTORED = """
CREATE TABLE erasure_check (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    positions jsonb NOT NULL DEFAULT '{}',
    checked_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO erasure_check DEFAULT VALUES;
COMMENT ON TABLE erasure_check IS
    'How far this database knows its own erasures; a restored backup says less than the topic.';
"""

# Rows come nearly in order of time: a block range index costs an insert next to nothing.
_RETENTION = """
CREATE INDEX complaint_received ON complaint USING brin (received_at);
CREATE INDEX request_received ON request USING brin (received_at);
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    for script in (_OUTBOX, _HOLDS, _RESTORED, _RETENTION):
        # a prepared statement, as op.execute makes one, holds a single command
        connection.run_async(lambda driver, script=script: driver.execute(script))
