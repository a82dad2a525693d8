"""Erasure: who asked for it, and which complaints it has reached."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ERASURE = """
ALTER TABLE complaint ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN complaint.erased_at IS
    'When its words were forgotten here, and its readers told to forget theirs.';
COMMENT ON COLUMN mention.sealed IS 'Empty once erased.';
CREATE INDEX mention_key ON mention (key_id) WHERE key_id IS NOT NULL;
CREATE INDEX reporter_key_destroyed ON reporter_key (key_id) WHERE wrapped IS NULL;

CREATE TABLE erasure_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    erased_at timestamptz NOT NULL,
    actor text NOT NULL,
    client text,
    purpose text NOT NULL,
    key_id uuid NOT NULL,
    complaints integer NOT NULL
);
CREATE INDEX erasure_audit_key ON erasure_audit (key_id);
COMMENT ON TABLE erasure_audit IS
    'Which data keys were destroyed, for whom, when and what for. Rows are only ever added.';
CREATE TRIGGER erasure_audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON erasure_audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(_ERASURE))
