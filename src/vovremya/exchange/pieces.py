"""A file that lies in the database by pieces, as a file again for as long as it is read."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from vovremya.exchange import queries
from vovremya.exchange.models import ImportRun
from vovremya.exchange.reading import FileRefused


@contextmanager
def as_file(run: ImportRun) -> Iterator[Path]:
    """In a folder that nobody else may enter; only one piece at a time is in memory. Raises `FileRefused`."""
    if queries.bytes_kept(run) != run.file_size:  # the installation has been moved since
        raise FileRefused("file_came_in_parts")
    with TemporaryDirectory(prefix="vovremya-import-") as folder:
        path = Path(folder) / "table"
        with path.open("wb") as file:
            for content in run.pieces.order_by("number").values_list("content", flat=True).iterator(chunk_size=1):
                file.write(content)
        yield path


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
