"""What the commands of the console do. Each module is imported when Django is awake, and not before."""

#: Instead of a value: not at all.
OFF = "off"


class Failed(Exception):
    """Ends the command with a message for whoever sits at the console."""


def tell(words: str) -> None:
    """At once: whoever started the program may read its lines through a pipe."""
    print(words, flush=True)
