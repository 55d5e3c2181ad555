"""The targets of ``make fuzz``, tried on the same few hundred inputs each time, and the same promises on whole
values that hypothesis makes."""

from __future__ import annotations

import pytest

from tests.fuzz.inputs import harmed
from tests.fuzz.targets import TARGETS

# As many as take about half a second of a quiet machine.
_COUNTS = {
    "page": 50,
    "second-look": 20,
    "compare": 40,
    "report": 12,
    "answer": 300,
    "body": 100,
    "feed": 200,
}


@pytest.mark.parametrize("name", TARGETS)
def test_no_harm_done_to_an_input_breaks_a_promise(name: str) -> None:
    for data in harmed(TARGETS[name], _COUNTS.get(name, 400)):
        try:
            TARGETS[name].trial(data)
        except Exception as error:
            error.add_note(f"{name} was tried on {data!r}")
            raise
