"""Opens a table of any kind people export. Nothing is read beyond the bounds."""

from pathlib import Path

from vovremya.exchange.reading.apart import open_apart
from vovremya.exchange.reading.bounds import LARGEST_FILE, FileRefused, check_archive
from vovremya.exchange.reading.delimited import check_is_text, open_csv
from vovremya.exchange.reading.table import Table
from vovremya.exchange.reading.workbook import check_compound, open_workbook

__all__ = ["FileRefused", "Table", "open_table"]

_ARCHIVE_MAGIC = b"PK"
_COMPOUND_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def open_table(path: Path) -> Table:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        raise FileRefused("file_missing", name=path.name) from None
    except OSError:
        raise FileRefused("file_unreadable", name=path.name) from None
    if size == 0:
        raise FileRefused("file_empty")
    if size > LARGEST_FILE:
        raise FileRefused("file_too_large", megabytes=LARGEST_FILE // 1_000_000)
    if head.startswith(_ARCHIVE_MAGIC):
        return open_workbook(path, check_archive(path))
    if head.startswith(_COMPOUND_MAGIC):
        check_compound(path)
        return open_apart(path)
    check_is_text(head)
    return open_csv(path)
