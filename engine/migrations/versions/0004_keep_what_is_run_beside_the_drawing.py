"""Keep what is run beside the drawing, with the answers it rests on"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import engine.columns

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('versions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('normal', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('tag', sa.String(length=40), nullable=True))
        batch_op.add_column(
            sa.Column('answers', engine.columns.Json(), server_default='{}', nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table('versions', schema=None) as batch_op:
        batch_op.drop_column('answers')
        batch_op.drop_column('tag')
        batch_op.drop_column('normal')
