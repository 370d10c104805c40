"""Store messages before they are matched"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine import columns

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.add_column(sa.Column('external_id', sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column('actor_id', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('attached_to', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('element', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('reason', sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column('attempts', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('next_try', columns.Instant(), nullable=True))
        batch_op.add_column(sa.Column('note', sa.Text(), nullable=True))
        batch_op.create_index('ix_inbound_messages_next', ['next_try'], unique=False, sqlite_where=sa.text('next_try IS NOT NULL'), postgresql_where=sa.text('next_try IS NOT NULL'))
        batch_op.create_unique_constraint(batch_op.f('uq_inbound_messages_name_external_id'), ['name', 'external_id'])

    with op.batch_alter_table('waits', schema=None) as batch_op:
        batch_op.add_column(sa.Column('key_name', sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column('key_value', sa.String(length=100), nullable=True))
        batch_op.drop_index('ix_waits_message')
        batch_op.create_index('ix_waits_message', ['name', 'key_value'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('waits', schema=None) as batch_op:
        batch_op.drop_index('ix_waits_message')
        batch_op.create_index('ix_waits_message', ['name'], unique=False)
        batch_op.drop_column('key_value')
        batch_op.drop_column('key_name')

    with op.batch_alter_table('inbound_messages', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_inbound_messages_name_external_id'), type_='unique')
        batch_op.drop_index('ix_inbound_messages_next', sqlite_where=sa.text('next_try IS NOT NULL'), postgresql_where=sa.text('next_try IS NOT NULL'))
        batch_op.drop_column('note')
        batch_op.drop_column('next_try')
        batch_op.drop_column('attempts')
        batch_op.drop_column('reason')
        batch_op.drop_column('element')
        batch_op.drop_column('attached_to')
        batch_op.drop_column('actor_id')
        batch_op.drop_column('external_id')
