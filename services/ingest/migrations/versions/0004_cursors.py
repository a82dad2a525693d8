"""How far the sources that we read ourselves have been read."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CURSORS = """
CREATE TABLE cursor_of_source (
    channel text,
    account text,
    epoch text NOT NULL,
    position text COLLATE "C" NOT NULL,
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (channel, account)
);
COMMENT ON TABLE cursor_of_source IS
    'Up to where a mailbox (UID) or a list of notifications (id) has been read and kept.';
COMMENT ON COLUMN cursor_of_source.epoch IS
    'What positions belong to: a mailbox''s UIDVALIDITY; another one starts from the beginning.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(_CURSORS))
