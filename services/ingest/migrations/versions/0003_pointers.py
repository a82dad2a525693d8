"""What a channel only pointed to, until it is fetched."""

from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

_POINTERS = """
CREATE TABLE pointer (
    pointer bytea PRIMARY KEY CHECK (length(pointer) = 32),
    channel text NOT NULL,
    account text NOT NULL,
    sealed bytea NOT NULL,
    received_at timestamptz NOT NULL,
    traceparent text NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz
);
CREATE INDEX pointer_due ON pointer (due_at) WHERE due_at IS NOT NULL;
COMMENT ON TABLE pointer IS
    'Ids a platform gave instead of a text, sealed; removed once the text is heard.';
COMMENT ON COLUMN pointer.pointer IS 'Keyed hash of channel, account and id.';
COMMENT ON COLUMN pointer.due_at IS 'When to ask the platform next; NULL: given up.';

CREATE TABLE IF NOT EXISTS set_aside (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel text NOT NULL,
    account text NOT NULL,
    reason text NOT NULL,
    sealed bytea NOT NULL,
    received_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(_POINTERS))
