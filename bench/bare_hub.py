"""The least a hub can do: keeps every connection open and pushes the bytes of a POST to all who asked by GET.

Nothing but asyncio's own protocol: no parser, no sessions, no queue a client. `python -m bench.bare_hub PORT`.
"""

import asyncio
import sys

_OPENED = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"transfer-encoding: chunked\r\n\r\n" + b"17\r\nevent: hello\ndata: {}\n\n\r\n"
)
_TOLD = b"HTTP/1.1 204 No Content\r\n\r\n"
_BACKLOG = 4096


class _Connection(asyncio.Protocol):
    listening: set[asyncio.Transport] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, is_whole, body = self._received.partition(b"\r\n\r\n")
        if not is_whole:
            return
        if head.startswith(b"GET"):
            self._received = b""
            self._transport.write(_OPENED)
            self.listening.add(self._transport)
        elif len(body) == _length(head):
            self._received = b""
            self._transport.write(_TOLD)
            chunk = b"%x\r\n%b\r\n" % (len(body), body)
            for one in self.listening:
                one.write(chunk)

    def connection_lost(self, error: Exception | None) -> None:
        self.listening.discard(self._transport)


def _length(head: bytes) -> int:
    lines = (line.lower().partition(b":") for line in head.split(b"\r\n"))
    return next((int(value) for name, _, value in lines if name == b"content-length"), 0)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", port, backlog=_BACKLOG)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
