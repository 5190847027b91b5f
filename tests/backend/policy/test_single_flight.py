import asyncio

import pytest

from backend.policy.single_flight import SingleFlight


async def test_those_who_ask_meanwhile_share_one_answer_and_the_next_asks_anew() -> None:
    flight: SingleFlight[str, int] = SingleFlight()
    gate, calls = asyncio.Event(), 0

    async def question() -> int:
        nonlocal calls
        calls += 1
        await gate.wait()
        return calls

    asking = [asyncio.create_task(flight.ask("a", question)) for _ in range(20)]
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*asking) == [1] * 20
    assert await flight.ask("a", question) == 2


async def test_different_keys_do_not_wait_for_each_other() -> None:
    flight: SingleFlight[str, str] = SingleFlight()
    never = asyncio.Event()

    async def stuck() -> str:
        await never.wait()
        return "stuck"

    async def quick() -> str:
        return "quick"

    held = asyncio.create_task(flight.ask("a", stuck))
    await asyncio.sleep(0)
    assert await flight.ask("b", quick) == "quick"
    never.set()
    assert await held == "stuck"


async def test_one_who_leaves_does_not_stop_the_others() -> None:
    flight: SingleFlight[str, int] = SingleFlight()
    gate = asyncio.Event()

    async def question() -> int:
        await gate.wait()
        return 1

    leaving, staying = [asyncio.create_task(flight.ask("a", question)) for _ in range(2)]
    await asyncio.sleep(0)
    leaving.cancel()
    gate.set()
    assert await staying == 1
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_an_error_reaches_everybody_and_is_not_kept() -> None:
    flight: SingleFlight[str, int] = SingleFlight()

    async def fails() -> int:
        raise LookupError

    async def works() -> int:
        return 1

    outcomes = await asyncio.gather(*(flight.ask("a", fails) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [LookupError] * 3
    assert await flight.ask("a", works) == 1
