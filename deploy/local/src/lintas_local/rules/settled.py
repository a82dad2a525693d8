"""What a router's corpus teaches: settled complaints, with the agency that led in the end."""

from collections.abc import Callable, Collection
from datetime import datetime

from lintas_local.client import Service
from lintas_local.rules.labelled import Example, Labelled, same
from lintas_local.stack import StackProblem

#: told now and then: a share that is not known before the end, rows read
Progress = Callable[[float, int], None]
_PAGE = 200


def read_settled(
    router: Service,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    without: Collection[str] = (),
    progress: Progress = lambda _share, _rows: None,
) -> Labelled:
    """The settled complaints received then, in the order of receipt.

    The same corpus gives the same rows, and their source names the last moment in them. What is
    erased while it is read may still be among them.

    Raises:
        StackProblem: there are none.
    """
    labelled = Labelled()
    unwanted = {same(label) for label in without}
    span = {
        name: moment.isoformat() for name, moment in (("since", since), ("until", until)) if moment
    }
    for row in router.each("/v1/corpus", **span, limit=str(_PAGE)):
        labelled.rows += 1
        if labelled.rows % _PAGE == 0:
            progress(0.0, labelled.rows)
        if same(row["final"]) in unwanted:
            labelled.left_out += 1
            continue
        at = datetime.fromisoformat(row["received_at"])
        labelled.examples.append(Example(labelled.rows, row["text"], row["final"], at))
    if not labelled.examples:
        raise StackProblem("the corpus has no settled complaint of then", "Train on a file")
    labelled.source = {"kind": "corpus", "up_to": f"{labelled.examples[-1].at:%FT%T.%fZ}"}
    progress(1.0, labelled.rows)
    return labelled
