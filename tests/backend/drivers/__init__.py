"""The drivers under `backend.reading`: pools of their own, and what their values become."""
