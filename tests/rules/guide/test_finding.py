import pytest

from vovremya.guide.rules.finding import Text, kinship, passage, relevance, words_asked


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("звонок", "звонка"),
        ("звонки", "звонок"),
        ("запись", "записей"),
        ("записать", "запись"),
        ("удалить", "удаление"),
        ("перенести", "перенос"),
        ("пост", "постов"),
        ("час", "часы"),
        ("напом", "напоминание"),  # still being typed
        ("ко", "ко"),
    ],
)
def test_forms_of_a_word_are_kindred(asked: str, word: str) -> None:
    assert kinship(asked, word) >= 0.5


@pytest.mark.parametrize(
    ("asked", "word"),
    [("запись", "запчасти"), ("поставить", "пост"), ("клиент", "запись"), ("ко", "контакт"), ("за", "запись")],
)
def test_other_words_are_not(asked: str, word: str) -> None:
    assert kinship(asked, word) == 0


def test_the_same_word_is_surer_than_a_form_of_it() -> None:
    assert kinship("запись", "запись") > kinship("запись", "записи") > 0


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("Как перенести запись?", ["перенести", "запись"]),
        ("не берёт трубку", ["берет", "трубку"]),
        ("что не так", ["так"]),
        ("до и после", ["после"]),
        ("не", ["не"]),  # better than nothing
        ("«» …", []),
    ],
)
def test_a_question_is_asked_by_its_own_words(query: str, asked: list[str]) -> None:
    assert words_asked(query) == asked


PAGE = Text("Перенос записи", "По шагам", "Нажмите «Перепланировать» и выберите время.", "другой день")


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("записи перенос", True),
        ("время переноса", True),
        ("шаги", True),
        ("в другой день", True),
        ("перенос эвакуатора", False),
    ],
)
def test_every_word_asked_for_must_be_there_in_some_form(query: str, is_found: bool) -> None:
    assert bool(relevance(PAGE, words_asked(query))) == is_found


def test_a_title_says_more_than_a_heading_and_a_heading_more_than_the_text() -> None:
    asked = ["перенос"]
    title, heading, body = Text("Перенос", "", ""), Text("", "Перенос", ""), Text("", "", "Перенос, перенос, перенос")
    assert relevance(title, asked) > relevance(heading, asked) > relevance(body, asked) > 0


def shown(body: str, *asked: str) -> str:
    """The passage, what was found in brackets."""
    return "".join(f"[{words}]" if is_asked else words for words, is_asked in passage(body, asked).pieces)


def test_a_passage_shows_what_was_found_in_whatever_form() -> None:
    assert shown("Все звонки — в очереди.", "звонок") == "Все [звонки] — в очереди."


def test_a_passage_of_a_long_text_is_where_most_of_it_is_said() -> None:
    long = "Слово звонок. " + "Ничего о том. " * 30 + "Звонок повторный: через пять минут. " + "Ничего о том. " * 30
    assert shown(long, "звонок", "повторный").startswith("…")
    assert "[Звонок] [повторный]: через пять минут." in shown(long, "звонок", "повторный")
    assert shown(long, "звонок", "повторный").endswith(" …")


def test_a_passage_of_what_was_found_by_other_words_begins_the_text() -> None:
    assert shown("Короткий текст.", "печать") == "Короткий текст."
    assert shown("Слово " * 100, "печать").endswith("Слово …")
