"""The example of the guide runs as it stands, and what it makes is taken."""

import re
from pathlib import Path
from typing import Any

from backend.clock import system_clock
from identity.dpop import Asked, DpopProofs
from identity.replays import MemoryReplays

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "sign-in.md"
URL = "https://zdorovye.example/graphql"


async def test_the_guide_s_proof_is_taken_s26() -> None:
    [example] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), flags=re.DOTALL)
    made: dict[str, Any] = {}
    exec(compile(example, str(GUIDE), "exec"), made)  # noqa: S102 # our own guide
    proofs = DpopProofs(clock=system_clock, replays=MemoryReplays(clock=system_clock))
    with_token = await proofs.check(made["proof"]("POST", URL, "token"), Asked("POST", URL, "token"))
    assert await proofs.check(made["proof"]("POST", URL), Asked("POST", URL)) == with_token
