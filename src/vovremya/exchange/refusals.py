"""Why an import or a part of it is not done; the words are in `texts.py`."""

from vovremya.kernel.refusal import Refusal


class NotAtThisStage(Refusal):
    """Somebody, or the program, has gone on with the import meanwhile."""

    code = "import_went_on"


class TooManyUnfinished(Refusal):
    code = "too_many_unfinished"


class ColumnsMissing(Refusal):
    """What no visit can be read without is in no column."""

    code = "columns_missing"


class ImportTouched(Refusal):
    """Visits of the import have been touched since, or their old places are taken."""

    code = "import_touched"
