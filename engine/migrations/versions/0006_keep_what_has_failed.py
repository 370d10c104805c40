"""Keep what has failed and how it was repaired"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine import columns

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('repairs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('case_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('element', sa.String(length=200), nullable=True),
    sa.Column('target', sa.String(length=200), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', columns.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['cases.id'], name=op.f('fk_repairs_case_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_repairs'))
    )
    with op.batch_alter_table('repairs', schema=None) as batch_op:
        batch_op.create_index('ix_repairs_case', ['case_id'], unique=False)

    with op.batch_alter_table('incidents', schema=None) as batch_op:
        batch_op.add_column(sa.Column('undone', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('kind', sa.String(length=20), server_default='step', nullable=False))
        batch_op.add_column(sa.Column('template', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('remedy', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('details', columns.Json(), nullable=True))
        batch_op.add_column(sa.Column('next_try', columns.Instant(), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('incidents', schema=None) as batch_op:
        batch_op.drop_column('next_try')
        batch_op.drop_column('details')
        batch_op.drop_column('remedy')
        batch_op.drop_column('template')
        batch_op.drop_column('kind')
        batch_op.drop_column('undone')

    with op.batch_alter_table('repairs', schema=None) as batch_op:
        batch_op.drop_index('ix_repairs_case')

    op.drop_table('repairs')
