"""What the citizen's page tells: the steps so far, who answers, what it is about and where."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STEPS = """
ALTER TABLE public_status
    ADD COLUMN category text,
    ADD COLUMN kecamatan text,
    ADD COLUMN kelurahan text,
    ADD COLUMN calendar text,
    ADD COLUMN lead text,
    ADD COLUMN answering text;
COMMENT ON COLUMN public_status.calendar IS 'In whose working days the promise is counted.';
COMMENT ON COLUMN public_status.lead IS 'Who would answer by now; the city''s own business.';
COMMENT ON COLUMN public_status.answering IS
    'Who took it up or answered, as shown; hand-offs do not move it.';

CREATE TABLE public_step (
    complaint_id uuid NOT NULL REFERENCES complaint,
    seq integer NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (complaint_id, seq)
);
COMMENT ON TABLE public_step IS 'When the status a citizen sees became another.';

ALTER TABLE published_answer
    ADD COLUMN first_published_at timestamptz,
    ADD COLUMN retracted_at timestamptz;
UPDATE published_answer SET first_published_at = published_at;
ALTER TABLE published_answer ALTER COLUMN first_published_at SET NOT NULL;
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    # a prepared statement, as op.execute makes one, holds a single command
    connection.run_async(lambda driver: driver.execute(_STEPS))
