"""Keep what is handed on with a version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import engine.columns

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('versions', schema=None) as batch_op:
        batch_op.add_column(
            sa.Column('extras', engine.columns.Json(), server_default='{}', nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table('versions', schema=None) as batch_op:
        batch_op.drop_column('extras')
