"""The address that the server takes."""

import asyncio
import socket

from vovremya.config.serving import take


def test_answers_on_a_kept_connection_are_sent_at_once() -> None:
    async def is_without_delay() -> bool:
        seen: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def come(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted: socket.socket = writer.get_extra_info("socket")
            seen.set_result(bool(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        with take("127.0.0.1", 0) as taken:
            async with await asyncio.start_server(come, sock=taken):
                _reader, writer = await asyncio.open_connection(*taken.getsockname())
                without_delay = await seen
                writer.close()
        return without_delay

    assert asyncio.run(is_without_delay())
