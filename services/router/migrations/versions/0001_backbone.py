"""Rule sets, and the kit's tables."""

from alembic import op

from lintas.database.ddl import OUTBOX_V1, PARKED_EVENT_V1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_RULESET = """
CREATE TABLE ruleset (
    version text PRIMARY KEY,
    sha256 text NOT NULL CHECK (length(sha256) = 64),
    rules integer NOT NULL CHECK (rules > 0),
    document jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    published_at timestamptz,
    published_by text,
    effective_at timestamptz,
    CHECK ((published_at IS NULL) = (published_by IS NULL)),
    CHECK ((published_at IS NULL) = (effective_at IS NULL))
);
CREATE INDEX ruleset_created ON ruleset (created_at DESC, version DESC);
COMMENT ON TABLE ruleset IS 'Versions of the rules as they were handed in; none ever changes.';
COMMENT ON COLUMN ruleset.sha256 IS 'Of the canonical JSON of the document.';
COMMENT ON COLUMN ruleset.effective_at IS 'Compared with a record''s broker time.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    for script in (OUTBOX_V1, PARKED_EVENT_V1, _RULESET):
        # a prepared statement, as op.execute makes one, holds a single command
        connection.run_async(lambda driver, script=script: driver.execute(script))
