"""Services of ours read files for somebody; the audit says for whom."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE unseal_audit ADD COLUMN reader text")
    op.execute("COMMENT ON COLUMN unseal_audit.reader IS 'For whom a service asked, in its words.'")
