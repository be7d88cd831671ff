"""What both beam references share: the settings of a search and the shape of its result."""

from dataclasses import asdict, dataclass
from typing import Any

START_ID = 2
EOS_ID = 2
NO_REPEAT_NGRAM_SIZE = 3


@dataclass(frozen=True)
class BeamSettings:
    num_beams: int = 3
    early_stopping: bool | str = True
    length_penalty: float = 1.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Sequence:
    """Ids with the start token first and </s> last; score as the reference ranks it."""

    ids: list[int]
    score: float


# The settings of Florence-2 and of Microsoft's samples: every case has both.
STANDARD_BEAMS = (BeamSettings(early_stopping=True), BeamSettings(early_stopping=False))
# One of these is added to every second case, in turn.
EXTRA_BEAMS = (
    BeamSettings(early_stopping="never"),
    BeamSettings(num_beams=2, early_stopping=False),
    BeamSettings(num_beams=5, early_stopping=True),
    BeamSettings(early_stopping=False, length_penalty=2.0),
    BeamSettings(early_stopping="never", length_penalty=0.5),
    BeamSettings(num_beams=4, early_stopping=False, length_penalty=-1.0),
)


def cut_after_eos(ids: list[int]) -> list[int]:
    """Drops the padding behind the first </s> that is not the start token."""
    for index in range(1, len(ids)):
        if ids[index] == EOS_ID:
            return ids[: index + 1]
    raise AssertionError(f"no end token in {ids}")
