"""Imports of files: the job, the file while it is needed, and the report of each row."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_IMPORTS = """
CREATE TABLE file_import (
    import_id uuid PRIMARY KEY,
    client text NOT NULL,
    state text NOT NULL,
    dry_run boolean NOT NULL,
    wishes jsonb NOT NULL,
    mapping jsonb,
    wrapped bytea,
    preview bytea,
    size bigint NOT NULL DEFAULT 0,
    digest bytea,
    row_number integer NOT NULL DEFAULT 0,
    rows integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0,
    duplicate integer NOT NULL DEFAULT 0,
    rejected integer NOT NULL DEFAULT 0,
    progress double precision NOT NULL DEFAULT 0,
    failure text,
    worker uuid,
    lease_until timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX file_import_due ON file_import (created_at)
    WHERE state IN ('waiting', 'working');
COMMENT ON TABLE file_import IS 'A file that becomes complaints, as a job.';
COMMENT ON COLUMN file_import.wrapped IS
    'The data key of the file and its preview, sealed under the vault''s key; NULL once the file is gone.';
COMMENT ON COLUMN file_import.row_number IS
    'Every row of the file up to this one is dealt with; a job that was cut goes on behind it.';
COMMENT ON COLUMN file_import.worker IS 'Who works on it, until the lease ends.';

CREATE TABLE file_import_part (
    import_id uuid NOT NULL REFERENCES file_import ON DELETE CASCADE,
    part integer NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (import_id, part)
);
ALTER TABLE file_import_part ALTER COLUMN sealed SET STORAGE EXTERNAL;
COMMENT ON TABLE file_import_part IS 'The file in sealed parts, only while the job needs it.';

CREATE TABLE file_import_row (
    import_id uuid NOT NULL REFERENCES file_import ON DELETE CASCADE,
    row_number integer NOT NULL,
    outcome text NOT NULL,
    complaint_id uuid,
    errors jsonb,
    PRIMARY KEY (import_id, row_number)
);
CREATE INDEX file_import_row_complaint ON file_import_row (import_id, complaint_id);
COMMENT ON TABLE file_import_row IS
    'What became of each row; of a rejected one the column and what was expected, never its value.';
"""


def upgrade() -> None:
    connection = op.get_bind().connection.dbapi_connection
    # a prepared statement, as op.execute makes one, holds a single command
    connection.run_async(lambda driver: driver.execute(_IMPORTS))
