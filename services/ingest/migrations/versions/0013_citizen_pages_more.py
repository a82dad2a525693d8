"""What the citizen's page tells besides: until when "not solved" counts, and being merged."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE public_status ADD COLUMN mention_class text,"
        " ADD COLUMN merged boolean NOT NULL DEFAULT false"
    )
