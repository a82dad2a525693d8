"""How complaints go on: more mentions, edits, withdrawals, feedback; and what could not be read."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MENTIONS = """
ALTER TABLE mention
    ADD key_id uuid REFERENCES reporter_key,
    ADD joined text,
    ADD withdrawn_at timestamptz;
COMMENT ON COLUMN mention.key_id IS 'Whose data key seals it; NULL: the complaint''s.';
COMMENT ON COLUMN mention.joined IS 'Why it continues the complaint; NULL: it opened it.';
COMMENT ON COLUMN mention.withdrawn_at IS 'When its author took it back; it is not shown since.';

CREATE TABLE conversation (
    thread bytea PRIMARY KEY CHECK (length(thread) = 32),
    complaint_id uuid NOT NULL REFERENCES complaint
);
CREATE INDEX conversation_complaint ON conversation (complaint_id);
COMMENT ON TABLE conversation IS
    'What a reporter''s thread is about now; the thread and its reporter as one keyed hash.';

CREATE TABLE withdrawn_early (
    mention_id uuid PRIMARY KEY,
    withdrawn_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL
);
COMMENT ON TABLE withdrawn_early IS 'Withdrawals that came before what they withdraw.';

CREATE TABLE same_reporter (
    reporter bytea PRIMARY KEY CHECK (length(reporter) = 32),
    same_as bytea NOT NULL CHECK (length(same_as) = 32 AND same_as <> reporter)
);
CREATE INDEX same_reporter_as ON same_reporter (same_as);
COMMENT ON TABLE same_reporter IS
    'Reporters known by another id before, both as keyed hashes; same_as is never renamed itself.';

CREATE TABLE feedback (
    complaint_id uuid PRIMARY KEY REFERENCES complaint,
    number integer NOT NULL,
    solved boolean,
    rating smallint CHECK (rating BETWEEN 1 AND 5),
    given_at timestamptz NOT NULL
);
COMMENT ON TABLE feedback IS 'What the reporter said of the answer last; number counts changes.';
"""

_DELIVERIES = """
CREATE TABLE delivery_report (
    message bytea PRIMARY KEY CHECK (length(message) = 32),
    channel text NOT NULL,
    state text NOT NULL,
    rank smallint NOT NULL,
    reason text,
    reference text,
    reported_at timestamptz NOT NULL
);
CREATE INDEX delivery_report_reported ON delivery_report (reported_at);
COMMENT ON TABLE delivery_report IS
    'The furthest a message of ours got, as the platform says; its id as a keyed hash.';

CREATE TABLE set_aside (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text NOT NULL,
    account text NOT NULL,
    reason text NOT NULL,
    sealed bytea NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX set_aside_received ON set_aside (received_at);
COMMENT ON TABLE set_aside IS
    'Verified deliveries that could not be read or are unknown, sealed like quarantined records.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    for script in (_MENTIONS, _DELIVERIES):
        connection.run_async(lambda driver, script=script: driver.execute(script))
