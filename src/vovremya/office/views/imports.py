"""«Импорт»: a file comes in, its columns are named, it is tried, imported, reported of, and taken back."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from vovremya.board.views.answering import Desk, at_desk, whole_number
from vovremya.board.views.pages import branch_seen
from vovremya.directory.models import Branch
from vovremya.directory.rules import Right
from vovremya.exchange import actions, queries, texts
from vovremya.exchange.actions.bringing import PIECE_BYTES
from vovremya.exchange.actions.exporting import note_export
from vovremya.exchange.models import ImportRun, ListExport
from vovremya.exchange.reading.bounds import LARGEST_FILE
from vovremya.exchange.refusals import ColumnsMissing, ImportTouched, NotAtThisStage
from vovremya.exchange.refused import refused_table_for
from vovremya.exchange.rules.headings import Column
from vovremya.exchange.writing import as_download
from vovremya.kernel.refusal import NotAllowed, NotFound, Refusal
from vovremya.office.queries.imports import headings_of, imports_shown, progress_of, report_of
from vovremya.office.views.framing import office_frame
from vovremya.watch.queries import is_watch_alive

Stage = ImportRun.Stage

#: At which of the steps shown an import stands; at the report where it is over.
_STEPS = {
    Stage.UPLOADING: "file",
    Stage.LOOKING: "file",
    Stage.REFUSED: "file",
    Stage.HEADINGS: "columns",
    Stage.READING: "trial",
    Stage.CHECKING: "trial",
    Stage.CHECKED: "trial",
    Stage.APPLYING: "import",
}
_PLACE = "column-"
_SHOWN_OBSTACLES = 100


@at_desk
def imports(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The imports of the branch; a POST begins one and says where its pieces go."""
    branch = _importable(desk, code)
    if request.method == "POST":
        return _begun(request, desk, branch)
    shown = imports_shown(branch)
    context = {
        **office_frame(desk, branch, "imports"),
        "imports": shown,
        "is_followed": any(each.is_under_way for each in shown),
        "import_folder": str(Path(settings.IMPORT_FOLDER) / branch.code) if _has_folder(branch) else "",
        "piece_bytes": str(PIECE_BYTES),
        "largest_bytes": str(LARGEST_FILE),
        "largest_megabytes": LARGEST_FILE // 1_000_000,
    }
    return render(request, "office/imports.html", context)


def _has_folder(branch: Branch) -> bool:
    return bool(settings.IMPORT_FOLDER) and not branch.is_training


def _begun(request: HttpRequest, desk: Desk, branch: Branch) -> HttpResponse:
    name, size = request.POST.get("name", "").strip(), whole_number(request.POST.get("size"))
    try:
        run = actions.begin_upload(branch, name or "—", size or 0, actor=desk.actor, now=desk.now)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _refused(refusal)
    return JsonResponse({"pieces": reverse("import_piece", args=(branch.code, run.pk)), "page": _address(branch, run)})


@require_POST
@at_desk
def import_piece(request: HttpRequest, desk: Desk, code: str, run_id: int) -> HttpResponse:
    """The pieces of the file one after the other; `last` says that there are no more."""
    branch = _importable(desk, code)
    run = queries.import_run(branch, run_id)
    piece, number = request.FILES.get("piece"), whole_number(request.POST.get("number"))
    try:
        if piece is not None and number is not None:
            actions.keep_piece(run, number, piece.read(PIECE_BYTES + 1), actor=desk.actor)
        if "last" in request.POST:
            actions.end_upload(run, actor=desk.actor)
    except NotAllowed:
        raise
    except Refusal as refusal:
        if isinstance(refusal, NotAtThisStage) and "last" in request.POST:
            return HttpResponse(status=204)  # said before, over a line that broke

        return _refused(refusal)
    return HttpResponse(status=204)


def _refused(refusal: Refusal) -> HttpResponse:
    return JsonResponse({"refused": texts.file_refusal_text(refusal)}, status=422)


@require_safe
@at_desk
def import_run(request: HttpRequest, desk: Desk, code: str, run_id: int) -> HttpResponse:
    """Where one import stands, and what it asks."""
    branch = _importable(desk, code)
    run = queries.import_run(branch, run_id)
    return _draw(request, desk, branch, run)


@require_POST
@at_desk
def import_columns(request: HttpRequest, desk: Desk, code: str, run_id: int) -> HttpResponse:
    """What each column holds."""
    branch = _importable(desk, code)
    run = queries.import_run(branch, run_id)
    sheet, row = request.POST.get("sheet", ""), whole_number(request.POST.get("row")) or 0
    columns = _columns(request.POST)
    if row not in queries.rows_seen(run, sheet):
        raise NotFound
    try:
        actions.choose_columns(run, sheet, row, columns, actor=desk.actor)
    except ColumnsMissing as refusal:
        return _draw(request, desk, branch, run, refusal, said=columns)
    except NotAtThisStage:
        pass  # as one who presses twice, or two who press at once, will see
    return _led_on(branch, run)


def _columns(typed: QueryDict) -> dict[int, Column]:
    """By the place of a column, counted from nought; what is not to be imported is left out."""
    known = {str(column): column for column in Column}
    said = {name.removeprefix(_PLACE): known.get(typed.get(name, "")) for name in typed if name.startswith(_PLACE)}
    return {place: column for text, column in said.items() if column and (place := whole_number(text)) is not None}


@require_POST
@at_desk
def import_step(request: HttpRequest, desk: Desk, code: str, run_id: int, step: str) -> HttpResponse:
    """Begin it, stop it, back to its columns."""
    branch = _importable(desk, code)
    run = queries.import_run(branch, run_id)
    if step not in STEPS:
        raise NotFound
    with suppress(NotAtThisStage):
        STEPS[step](run, desk)
    return _led_on(branch, run)


def _start(run: ImportRun, desk: Desk) -> None:
    actions.start(run, actor=desk.actor)


def _stop(run: ImportRun, desk: Desk) -> None:
    actions.stop(run, actor=desk.actor, now=desk.now)


def _back(run: ImportRun, desk: Desk) -> None:
    actions.back_to_columns(run, actor=desk.actor)


STEPS: dict[str, Callable[[ImportRun, Desk], None]] = {"start": _start, "stop": _stop, "back": _back}


@at_desk
def import_taken_back(request: HttpRequest, desk: Desk, code: str, run_id: int) -> HttpResponse:
    """What would be taken back and what is in the way; a POST takes it back."""
    branch = _importable(desk, code)
    run = queries.import_run(branch, run_id)
    refusal = None
    if request.method == "POST":
        try:
            with suppress(NotAtThisStage):
                actions.begin_taking_back(run, actor=desk.actor, now=desk.now, real_now=desk.real_now)
            return _led_on(branch, run)
        except ImportTouched as touched:
            refusal = touched
    if not refusal and not queries.has_rows_to_take_back(run):
        return redirect(_address(branch, run))
    obstacles = queries.obstacles_to_taking_back(run, desk.real_now)
    context = {
        **_frame(desk, branch, run),
        "counts": queries.counts_of(run),
        "obstacles": obstacles[:_SHOWN_OBSTACLES],
        "more_obstacles": len(obstacles[_SHOWN_OBSTACLES:]),
        "error": texts.file_refusal_text(refusal) if refusal else "",
    }
    return render(request, "office/import_taken_back.html", context, status=422 if refusal else 200)


@require_POST
@at_desk
def import_refused(_request: HttpRequest, desk: Desk, code: str, run_id: int, kind: str) -> FileResponse:
    """The refused rows with their reasons, to be corrected and imported again."""
    branch = _importable(desk, code)
    run = queries.import_run(branch, run_id)
    rows = refused_table_for(run, desk.actor)
    note_export(branch, ListExport.List.REFUSED_ROWS, rows, actor=desk.actor, now=desk.now)
    return as_download(rows, kind, f"ne-zagruzheno-{run.pk}")


def _draw(
    request: HttpRequest,
    desk: Desk,
    branch: Branch,
    run: ImportRun,
    refusal: Refusal | None = None,
    said: dict[int, Column] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        **_frame(desk, branch, run),
        "error": texts.file_refusal_text(refusal) if refusal else "",
    }
    if run.stage == Stage.HEADINGS:
        asked = request.POST if said is not None else request.GET
        context["headings"] = headings_of(run, asked.get("sheet"), whole_number(asked.get("row")), said)
        context["meanings"] = texts.COLUMNS.items()
    elif run.stage in (Stage.CHECKED, Stage.DONE, Stage.STOPPED, Stage.TAKEN_BACK):
        context["state"] = request.GET.get("state", "")
        context["report"] = report_of(run, context["state"], whole_number(request.GET.get("page")))
        context["may_take_back"] = queries.has_rows_to_take_back(run)
    elif run.stage in ImportRun.UNDER_WAY:
        context["progress"] = progress_of(run)
        context["is_watch_alive"] = is_watch_alive(desk.real_now)
    return render(request, "office/import_run.html", context, status=422 if refusal else 200)


def _frame(desk: Desk, branch: Branch, run: ImportRun) -> dict[str, Any]:
    return {
        **office_frame(desk, branch, "imports"),
        "run": run,
        "stage": texts.stage_words(run),
        "step": _STEPS.get(Stage(run.stage), "report"),
        "is_under_way": run.stage in ImportRun.UNDER_WAY and run.source != ImportRun.Source.CONSOLE,
        "is_stoppable": run.source != ImportRun.Source.CONSOLE and run.stage in queries.STAGES_TO_STOP,
        "why_refused": texts.why_refused(run),
        "import_before": queries.import_before(run),
    }


def _importable(desk: Desk, code: str) -> Branch:
    branch = branch_seen(desk, code)
    desk.actor.require(branch.pk, Right.IMPORT)
    return branch


def _address(branch: Branch, run: ImportRun) -> str:
    return reverse("import_run", args=(branch.code, run.pk))


def _led_on(branch: Branch, run: ImportRun) -> HttpResponse:
    """A plain form is led on, so that going back and drawing anew do not send it again."""
    return HttpResponse(status=303, headers={"Location": _address(branch, run)})
