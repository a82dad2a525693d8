from itertools import product

import pytest

from agency_gateway.domain.transitions import (
    ASSIGNMENT,
    COMPLAINT,
    STATEMENT,
    AssignmentAct,
    ComplaintAct,
    StatementAct,
)
from lintas.vocabulary.errors import Conflict
from lintas.vocabulary.terms import AssignmentState, ComplaintState, StatementState

COMPLAINT_ROWS = """
registered  triage   triage
registered  assign   assigned
registered  dismiss  no_action
triage      triage   triage
triage      assign   assigned
triage      dismiss  no_action
triage      reject   rejected
triage      withdraw withdrawn
assigned    assign   assigned
assigned    accept   in_progress
assigned    return   triage
assigned    dismiss  no_action
assigned    reject   rejected
assigned    withdraw withdrawn
in_progress assign   assigned
in_progress return   triage
in_progress answer   answered
in_progress reject   rejected
in_progress withdraw withdrawn
answered    answer   answered
answered    resolve  resolved
answered    withdraw withdrawn
resolved    close    closed
resolved    reopen   in_progress
closed      reopen   in_progress
no_action   assign   assigned
rejected    assign   assigned
"""
ASSIGNMENT_ROWS = """
queued      accept     accepted
queued      return     returned
queued      withdraw   withdrawn
accepted    contribute contributed
accepted    answer     answered
accepted    return     returned
accepted    withdraw   withdrawn
contributed contribute contributed
contributed withdraw   withdrawn
contributed finish     done
answered    answer     answered
answered    withdraw   withdrawn
answered    finish     done
answered    reopen     accepted
done        reopen     accepted
done        withdraw   withdrawn
"""
STATEMENT_ROWS = """
draft     edit      draft
draft     review    in_review
in_review edit      draft
in_review confirm   confirmed
confirmed edit      draft
confirmed publish   published
published supersede corrected
published retract   retracted
"""

TABLES = [
    (COMPLAINT, ComplaintState, ComplaintAct, COMPLAINT_ROWS),
    (ASSIGNMENT, AssignmentState, AssignmentAct, ASSIGNMENT_ROWS),
    (STATEMENT, StatementState, StatementAct, STATEMENT_ROWS),
]


def cells():
    for table, states, acts, rows in TABLES:
        legal = {tuple(row.split()[:2]): row.split()[2] for row in rows.strip().splitlines()}
        for state, act in product(states, acts):
            after = legal.get((state.value, act.value))
            name = f"{table.subject}: {state} + {act} -> {after}"
            yield pytest.param(table, state, act, after, id=name)


@pytest.mark.parametrize(("table", "state", "act", "after"), [*cells()])
def test_every_state_and_act(table, state, act, after):
    assert table.allows(state, act) is (after is not None)
    if after is not None:
        assert table.after(state, act) == after
        return
    with pytest.raises(Conflict) as refused:
        table.after(state, act)
    assert refused.value.state == state.value


@pytest.mark.parametrize(("table", "states", "acts", "rows"), TABLES)
def test_every_row_is_in_the_table_once(table, states, acts, rows):
    assert len(table.table) == len(rows.strip().splitlines())
