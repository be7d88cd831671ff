"""What the fixture program hands to the classic beam scorer, which runs in another Python.

jobs.json lists the searches; NAME.npz holds the inputs_embeds of each prompt of a recipe.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .search import BeamSettings


@dataclass(frozen=True)
class BeamJob:
    recipe: str
    # Key of the inputs_embeds in RECIPE.npz, [tokens, d_model] float32.
    prompt_key: str
    case: str
    max_new_tokens: int
    beams: tuple[BeamSettings, ...]
    # Size of the noise that must not change the answer; the same for all jobs of a recipe.
    noise: float

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "beams": [b.to_json() for b in self.beams]}


def write_jobs(folder: Path, jobs: list[BeamJob]) -> None:
    (folder / "jobs.json").write_text(json.dumps([job.to_json() for job in jobs]))


def read_jobs(folder: Path) -> list[BeamJob]:
    return [
        BeamJob(**{**job, "beams": tuple(BeamSettings(**b) for b in job["beams"])})
        for job in json.loads((folder / "jobs.json").read_text())
    ]
