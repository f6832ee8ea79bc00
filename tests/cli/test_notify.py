"""A test event, sent from the command line."""

import asyncio
from pathlib import Path

from tests.adapters.test_webhooks import Receiver, receiving
from tests.cli.conftest import Cli, write

FLEET = """
clusters: []
notify:
- {{name: on-call, kind: webhook, url: "{url}", secret_file: "{secret}", private_addresses: {private}}}
"""


async def test_a_target_is_told_or_it_is_said_why_not(cli: Cli, tmp_path: Path) -> None:
    receiver, secret = Receiver(), write(tmp_path / "secret", "canary-6f1e")
    async with receiving(receiver) as url:

        def fleet(private: str) -> Path:
            text = FLEET.format(url=url, secret=secret, private=private)
            return write(tmp_path / f"{private}.yaml", text)

        told = await asyncio.to_thread(cli, "notify", "test", "on-call", "--config", fleet("true"))
        refused = await asyncio.to_thread(cli, "notify", "test", "on-call", "--config", fleet("false"))
        unknown = await asyncio.to_thread(cli, "notify", "test", "nobody", "--config", fleet("true"))

    assert (told.code, told.out, len(receiver.taken)) == (0, "on-call was told\n", 1)
    assert (refused.code, unknown.code) == (1, 2)
    assert "on-call was not told: its address is on this machine" in refused.err
    assert "there are: on-call" in unknown.err
