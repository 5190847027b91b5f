"""As what a session is signed in: staff of an organisation, or a system."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("authorization_codes", "sessions")
_PEOPLE = ("citizen", "operator", "insurance_representative", "clinician", "ambulance_crew", "auditor")
_BEFORE = ", ".join(f"'{kind}'" for kind in _PEOPLE)
_AFTER = f"{_BEFORE}, 'service'"


def upgrade() -> None:
    """Move to this shape; every column may be null, so that the code before it still writes its rows."""
    op.add_column("pending_sign_ins", sa.Column("organization", sa.String(length=15), nullable=True))
    for table in _TABLES:
        op.add_column(table, sa.Column("kind", sa.String(length=32), nullable=True))
        op.add_column(table, sa.Column("organization", sa.String(length=15), nullable=True))
        op.add_column(table, sa.Column("level", sa.Integer(), nullable=True))
    _allow_accounts_of(_AFTER, instead_of=_BEFORE)


def downgrade() -> None:
    """Move back; sessions of staff end, for without these columns they would become those of citizens."""
    for table in _TABLES:
        op.execute(sa.text(f"DELETE FROM {table} WHERE kind IS NOT NULL AND kind <> 'citizen'"))  # noqa: S608 # ours
        for column in ("level", "organization", "kind"):
            op.drop_column(table, column)
    op.drop_column("pending_sign_ins", "organization")
    op.execute(sa.text("DELETE FROM accounts WHERE kind = 'service'"))
    _allow_accounts_of(_BEFORE, instead_of=_AFTER)


def _allow_accounts_of(kinds: str, *, instead_of: str) -> None:
    """Change which kinds the database takes.

    SQLite can change a check only by copying the table, and dropping the old one would take every session with it; so
    the text of the schema is changed, as https://www.sqlite.org/lang_altertable.html#otheralter says.
    """
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.drop_constraint("accounts_kind", "accounts", type_="check")
        op.create_check_constraint("accounts_kind", "accounts", sa.text(f"kind IN ({kinds})"))
        return
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) "
            "WHERE type = 'table' AND name = 'accounts' AND sql LIKE '%' || :before || '%'"
        ),
        {"before": f"kind IN ({instead_of})", "after": f"kind IN ({kinds})"},
    )
    if changed.rowcount != 1:
        raise RuntimeError("the check of accounts.kind is not the one that was made")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
