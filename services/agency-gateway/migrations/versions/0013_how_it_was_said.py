"""How and where something was said: what officers need beside the words; erased with them."""

from alembic import op

revision = "0013"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("complaint", "message"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN said jsonb")
        op.execute(f"COMMENT ON COLUMN {table}.said IS 'redacted like the words; null once erased'")
