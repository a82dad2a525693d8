"""What only imported history has: answers given elsewhere, and dates without a verdict."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE complaint_fact ADD COLUMN unjudged boolean",
    "ALTER TABLE complaint_fact ADD COLUMN answered_elsewhere_at timestamptz",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
