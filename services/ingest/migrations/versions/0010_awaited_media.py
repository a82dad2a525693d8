"""Files that a mention only names, until they are kept."""

from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

_AWAITED = """
CREATE TABLE awaited_media (
    mention_id uuid PRIMARY KEY REFERENCES mention,
    channel text NOT NULL,
    account text NOT NULL,
    traceparent text NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz,
    ended_as text,
    CHECK ((due_at IS NULL) = (ended_as IS NOT NULL))
);
CREATE INDEX awaited_media_due ON awaited_media (due_at) WHERE due_at IS NOT NULL;
COMMENT ON TABLE awaited_media IS
    'Mentions whose files the platform only named; what they are named stays sealed in the mention.';
COMMENT ON COLUMN awaited_media.due_at IS
    'When the platform is asked next; moved ahead while it is; NULL: never again.';
COMMENT ON COLUMN awaited_media.ended_as IS 'Why a file is not kept: refused, or given_up.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    # a prepared statement, as op.execute makes one, holds a single command
    connection.run_async(lambda driver: driver.execute(_AWAITED))
