"""What is sent outside the app, what came back, the devices that can be woken, and texts that rest."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
