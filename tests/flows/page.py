"""A page or a window as the browser has it: its elements, its words, its forms and what its buttons send."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_UNSPOKEN = frozenset({"script", "style", "svg", "kbd"})
_TYPED_INTO = frozenset(
    {"text", "search", "tel", "email", "date", "time", "datetime-local", "number", "hidden", "password", ""}
)

#: What a form holds: several values where a name stands more than once.
Form = dict[str, str | list[str]]


@dataclass(eq=False)
class Element:
    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def has(self, name: str) -> bool:
        return name in self.attributes

    def walk(self) -> Iterator["Element"]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, tag: str = "", **wanted: str) -> list["Element"]:
        """Elements by tag and attributes; `class_` is one of the classes, `data_visit` is `data-visit`."""
        return [found for found in self.walk() if tag in ("", found.tag) and found.is_like(**wanted)]

    def one(self, tag: str = "", **wanted: str) -> "Element":
        found = self.all(tag, **wanted)
        assert len(found) == 1, f"{len(found)} of <{tag}> {wanted}:\n{self.text}"
        return found[0]

    def is_like(self, **wanted: str) -> bool:
        return all(self._is(name, value) for name, value in wanted.items())

    def _is(self, name: str, value: str) -> bool:
        if name == "class_":
            return value in self.get("class").split()
        return self.attributes.get(name.replace("_", "-")) == value

    def within(self, tag: str) -> "Element | None":
        """The nearest element around this one with that tag."""
        around = self.parent
        while around is not None and around.tag != tag:
            around = around.parent
        return around

    @property
    def text(self) -> str:
        """The words, without signs and keys."""
        return " ".join("".join(self._words()).split())

    def _words(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in _UNSPOKEN:
                yield from child._words()
                yield "" if child.tag in ("b", "small", "span") else " "

    @property
    def values(self) -> Form:
        """What a browser sends of this form as it stands."""
        form: Form = {}
        for name, value in self._controls():
            known = form.get(name)
            if known is None:
                form[name] = value
            else:
                form[name] = [*(known if isinstance(known, list) else [known]), value]
        return form

    def _controls(self) -> Iterator[tuple[str, str]]:
        for control in self.walk():
            name = control.get("name")
            if not name or control._is_disabled:
                continue
            if control.tag == "textarea":
                yield name, "".join(child for child in control.children if isinstance(child, str))
            elif control.tag == "select":
                yield from ((name, value) for value in control._chosen)
            elif control.tag == "input" and (control.get("type") in _TYPED_INTO or control.has("checked")):
                yield name, control.get("value")

    @property
    def _is_disabled(self) -> bool:
        around = self.within("fieldset")
        return self.has("disabled") or (around is not None and around.has("disabled"))

    @property
    def _chosen(self) -> list[str]:
        options = self.all("option")
        chosen = [option.get("value") for option in options if option.has("selected")]
        if chosen or self.has("multiple") or not options:
            return chosen
        return [options[0].get("value")]


class _Reader(HTMLParser):
    """Strict: what a browser would have to guess at is a fault."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.current = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute stands twice in <{tag}>: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.current)
        self.current.children.append(element)
        if tag not in _VOID:
            self.current = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.current.tag == tag, f"</{tag}> closes <{self.current.tag}> at {self.getpos()}"
        assert self.current.parent is not None
        self.current = self.current.parent

    def handle_data(self, data: str) -> None:
        self.current.children.append(data)


def read(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.current is reader.root, f"<{reader.current.tag}> is never closed"
    ids = [element["id"] for element in reader.root.walk() if element.has("id")]
    assert len(ids) == len(set(ids)), f"an id stands twice: {sorted(ids)}"
    return reader.root


@dataclass(frozen=True)
class Bar:
    """A bar as it was drawn."""

    element: Element

    @property
    def visit_id(self) -> int:
        return int(self.element["data-visit"])

    @property
    def state(self) -> str:
        (state,) = [name[2:] for name in self.element["class"].split() if name.startswith("s-")]
        return state

    @property
    def words(self) -> str:
        """«М347ВС77, Смирнова Анна, 10:00, опаздывает»"""
        return self.element["aria-label"]

    @property
    def word(self) -> str:
        return self.words.rpartition(", ")[2]

    @property
    def flags(self) -> set[str]:
        return set(self.element.get("data-flags").split())

    @property
    def place(self) -> tuple[str, int, int, int]:
        """Bay, minutes from midnight, minutes long, lane."""
        style = dict(part.split(":") for part in self.element["style"].split(";"))
        return self.element["data-bay-name"], int(style["--s"]), int(style["--d"]), int(style["--lane"])


@dataclass(frozen=True)
class Answer:
    """What came back: a page, a window, or nothing but orders to the windows."""

    status: int
    html: str
    triggers: dict[str, Any]
    root: Element

    @property
    def text(self) -> str:
        return self.root.text

    def all(self, tag: str = "", **wanted: str) -> list[Element]:
        return self.root.all(tag, **wanted)

    def one(self, tag: str = "", **wanted: str) -> Element:
        return self.root.one(tag, **wanted)

    @property
    def bars(self) -> dict[int, Bar]:
        board = self.one("main", id="board")
        return {bar.visit_id: bar for bar in map(Bar, board.all("button", class_="bar"))}

    @property
    def title(self) -> str:
        return self.all("h2")[0].text if self.all("h2") else ""

    # --- controls ----------------------------------------------------------------------------------------------

    def button(self, name: str) -> Element:
        found = [button for tag in ("button", "a") for button in self.all(tag) if name in (button.text, _label(button))]
        assert found, f"no «{name}» in:\n{self.text}"
        return found[0]

    def offers(self, name: str) -> bool:
        """Whether the button is there and can be pressed."""
        is_there = any(name in (button.text, _label(button)) for button in self.all("button"))
        return is_there and not self.button(name).has("aria-disabled")

    def why_off(self, name: str) -> str:
        return self.button(name).get("data-why")

    def value(self, name: str) -> str | list[str]:
        """What a field holds."""
        for form in self.all("form"):
            if name in form.values:
                return form.values[name]
        return ""

    @property
    def alert(self) -> str:
        """The refusal that belongs to no field."""
        return " ".join(found.text for found in self.all(role="alert"))

    def error_at(self, name: str) -> str:
        """The refusal that the field of that name points to."""
        (control, *_) = self.all(name=name)
        around: Element | None = control
        while around is not None:
            described_by = around["aria-describedby"] if around.has("aria-describedby") else ""
            if error_id := next((each for each in described_by.split() if each.endswith("-error")), ""):
                return self.one(id=error_id).text
            around = around.parent
        raise AssertionError(f"the field {name} points to no error:\n{self.text}")

    # --- orders to the windows ---------------------------------------------------------------------------------

    @property
    def closed(self) -> set[str]:
        return set(self.triggers.get("vovremya:close", {}).get("windows", ()))

    @property
    def opened(self) -> str:
        """The window that opens by itself now."""
        return str(self.triggers.get("vovremya:open", {}).get("window", ""))

    @property
    def opened_at(self) -> str:
        return str(self.triggers["vovremya:open"]["url"])

    @property
    def said(self) -> str:
        return str(self.triggers.get("vovremya:toast", {}).get("text", ""))

    @property
    def undo(self) -> str | None:
        undo = self.triggers["vovremya:toast"]["undo"]
        return None if undo is None else str(undo)

    @property
    def dialled(self) -> str:
        return str(self.triggers.get("vovremya:dial", {}).get("tel", ""))


def _label(button: Element) -> str:
    return button.get("aria-label")
