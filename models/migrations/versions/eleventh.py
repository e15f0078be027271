"""Who signs in to the console, and with what: second factors, passkeys, invitations, sign-ins that can be ended."""

import sqlalchemy as sa
from alembic import op

from models.tables import UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _widen_accounts()
    op.create_table(
        "invitations",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=60), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_invitations_account_id_accounts")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_invitations")),
        sa.UniqueConstraint("account_id", name=op.f("uq_invitations_account_id")),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("credential", sa.String(length=200), nullable=False),
        sa.Column("public_key", sa.String(length=800), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_passkeys_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkeys_credential")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sign_ins_account_id_accounts")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sign_ins")),
    )


def _widen_accounts() -> None:
    """A role's name may be longer, and who signs in by passkey or directory has no password."""
    with op.batch_alter_table("accounts") as accounts:
        accounts.alter_column("role", existing_type=sa.String(length=12), type_=sa.String(length=20))
        accounts.alter_column("password", existing_type=sa.String(length=200), nullable=True)
        accounts.add_column(sa.Column("totp", sa.String(length=200), nullable=True))
        accounts.add_column(sa.Column("totp_used", sa.Integer(), nullable=True))
        accounts.add_column(sa.Column("directory", sa.String(length=64), nullable=True))
    op.create_index("one_account_in_the_directory", "accounts", ["directory"], unique=True)
