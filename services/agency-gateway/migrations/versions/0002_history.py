"""Where the two halves of an imported complaint wait for each other."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE imported (
    complaint_id uuid PRIMARY KEY,
    -- the mention as the router passed it on, until the complaint opens
    event_id uuid,
    mention text,
    -- redacted; null once erased
    text text,
    text_salt bytea,
    correlation_id uuid,
    traceparent text,
    -- the past as its source tells it, kept so that another one is noticed; codes and times only
    past text,
    told_at timestamptz,
    opened_at timestamptz
)
""",
    "ALTER TABLE imported ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
    "CREATE POLICY worker_all ON imported USING ((SELECT app_role()) = 'worker')",
    "REVOKE ALL ON imported FROM lintas_gateway",
    "GRANT SELECT, INSERT, UPDATE ON imported TO lintas_gateway",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
