"""Keep drafts with their answers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine import columns

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'drafts',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('author_id', sa.BigInteger(), nullable=True),
        sa.Column('processes', columns.Json(), nullable=False),
        sa.Column('outcome', sa.String(length=30), nullable=False),
        sa.Column('questions', sa.Integer(), nullable=False),
        sa.Column('answers', columns.Json(), nullable=False),
        sa.Column('kept', sa.Boolean(), nullable=False),
        sa.Column('created_at', columns.Instant(), nullable=False),
        sa.Column('changed_at', columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_drafts')),
    )
    op.create_table(
        'draft_files',
        sa.Column('draft_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ['draft_id'], ['drafts.id'], name=op.f('fk_draft_files_draft_id'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('draft_id', 'name', name=op.f('pk_draft_files')),
    )


def downgrade() -> None:
    op.drop_table('draft_files')
    op.drop_table('drafts')
