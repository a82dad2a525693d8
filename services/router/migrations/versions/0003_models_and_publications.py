"""Models by reference; a version may be published more than once."""

from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

_MODEL = """
CREATE TABLE model (
    sha256 text PRIMARY KEY CHECK (length(sha256) = 64),
    version text NOT NULL UNIQUE,
    bytes bytea NOT NULL,
    labels text[] NOT NULL,
    card jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
-- they are compressed already
ALTER TABLE model ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE INDEX model_created ON model (created_at DESC, version);
COMMENT ON TABLE model IS 'Trained models as they were handed in; none ever changes.';
COMMENT ON COLUMN model.version IS 'Of the contents, however they are compressed.';
ALTER TABLE ruleset ADD COLUMN model_sha256 text REFERENCES model;
"""

_PUBLICATION = """
CREATE TABLE publication (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ruleset text NOT NULL REFERENCES ruleset (version),
    number integer NOT NULL CHECK (number > 0),
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    effective_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by text,
    UNIQUE (ruleset, number),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
);
CREATE INDEX publication_effective ON publication (effective_at DESC, id DESC)
    WHERE withdrawn_at IS NULL;
COMMENT ON TABLE publication IS 'What was announced, in this order; one event each.';
COMMENT ON COLUMN publication.effective_at IS 'Compared with a record''s broker time.';
INSERT INTO publication (ruleset, number, published_at, published_by, effective_at)
    SELECT version, 1, published_at, published_by, effective_at FROM ruleset
    WHERE published_at IS NOT NULL ORDER BY published_at, version;
ALTER TABLE ruleset DROP COLUMN published_at, DROP COLUMN published_by, DROP COLUMN effective_at;
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    for script in (_MODEL, _PUBLICATION):
        # a prepared statement, as op.execute makes one, holds a single command
        connection.run_async(lambda driver, script=script: driver.execute(script))
