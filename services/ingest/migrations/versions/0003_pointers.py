"""What a channel only pointed to, until it is fetched."""

from alembic import op

revision = "0003"
down_revision = "0002"
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
    due_at timestamptz NOT NULL
);
CREATE INDEX pointer_due ON pointer (due_at);
COMMENT ON TABLE pointer IS
    'Ids a platform gave instead of a text, sealed; removed once the text is heard or given up.';
COMMENT ON COLUMN pointer.pointer IS 'Keyed hash of channel, account and id.';
COMMENT ON COLUMN pointer.due_at IS 'When the platform is asked next; moved ahead while it is.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(_POINTERS))
