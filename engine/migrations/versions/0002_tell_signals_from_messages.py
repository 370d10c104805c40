"""Tell signals from messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('waits', schema=None) as batch_op:
        batch_op.add_column(sa.Column('kind', sa.String(length=10), server_default='message', nullable=False))
    with op.batch_alter_table('case_keys', schema=None) as batch_op:
        batch_op.drop_constraint('pk_case_keys', type_='primary')
        batch_op.create_primary_key('pk_case_keys', ['case_id', 'name', 'value'])


def downgrade() -> None:
    op.execute('DELETE FROM case_keys')  # Each case writes them anew.
    with op.batch_alter_table('case_keys', schema=None) as batch_op:
        batch_op.drop_constraint('pk_case_keys', type_='primary')
        batch_op.create_primary_key('pk_case_keys', ['case_id', 'name'])
    with op.batch_alter_table('waits', schema=None) as batch_op:
        batch_op.drop_column('kind')
