"""A case of a fixture: one picture, one prompt, and what the references answer."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import torch
import transformers
from PIL import __version__ as pillow_version

from .jobs import BeamJob, write_jobs
from .noise import add_noise
from .pictures import Picture
from .prompts import Prompt
from .reference import Greedy, Reference
from .search import NO_REPEAT_NGRAM_SIZE, BeamSettings, Sequence


@dataclass
class Case:
    name: str
    picture: Picture
    prompt: Prompt
    max_new_tokens: int
    greedy: Greedy
    settings: tuple[BeamSettings, ...]
    vectorised: list[list[Sequence]]
    classic: list[list[Sequence]] = field(default_factory=list)
    probe: bool = False

    def rules_disagree(self, beams: int) -> bool:
        """In the first so many of its settings, on any of the finished beams."""
        pairs = zip(self.vectorised[:beams], self.classic[:beams], strict=True)
        return any([s.ids for s in v] != [s.ids for s in c] for v, c in pairs)


def reference_models(
    config: dict[str, Any], state: dict[str, np.ndarray], noise: float
) -> tuple[Reference, ...]:
    """The reference itself, and the two that tell whether an answer is a near-tie."""
    noisy = Reference.from_state(config, state)
    add_noise(noisy.model.lm_head, noise)
    return (
        Reference.from_state(config, state),
        Reference.from_state(config, state, torch.float64),
        noisy,
    )


def search_case(
    models: tuple[Reference, ...],
    name: str,
    picture: Picture,
    prompt: Prompt,
    length: int,
    settings: tuple[BeamSettings, ...],
) -> Case | None:
    """Greedy and vectorised beams; None if a model after the first gives other ids anywhere.

    The others are the same model in float64 arithmetic and with a little noise on its logits.
    """
    greedy, *others = (m.greedy(picture.pixels, prompt.ids, length) for m in models)
    if any(other.ids != greedy.ids for other in others):
        return None
    answers: list[list[Sequence]] = []
    for setting in settings:
        found, *others = (m.beams(picture.pixels, prompt.ids, length, setting) for m in models)
        if any([s.ids for s in other] != [s.ids for s in found] for other in others):
            return None
        answers.append(found)
    return Case(name, picture, prompt, length, greedy, settings, answers)


def run_classic(
    jobs: list[BeamJob], python: str, scratch: Path
) -> tuple[dict[str, str], dict[str, list[list[Sequence]] | None]]:
    """The classic answers by case name, None where they are not stable, and the versions used."""
    write_jobs(scratch, jobs)
    program = Path(__file__).resolve().parents[1] / "classic_beams.py"
    subprocess.run([python, str(program), str(scratch)], check=True)
    out = json.loads((scratch / "classic.json").read_text())
    answers = {
        case["case"]: [[Sequence(**s) for s in beams] for beams in case["beams"]]
        if case["stable"]
        else None
        for case in out["cases"]
    }
    return out["versions"], answers


def case_json(case: Case) -> dict[str, Any]:
    beams = []
    for setting, vectorised, classic in zip(
        case.settings, case.vectorised, case.classic, strict=True
    ):
        for rule, sequences in (("classic", classic), ("vectorised", vectorised)):
            beams.append(
                {
                    "stoppingRule": rule,
                    "numBeams": setting.num_beams,
                    "earlyStopping": setting.early_stopping,
                    "lengthPenalty": setting.length_penalty,
                    "sequences": [{"ids": s.ids, "score": _round(s.score)} for s in sequences],
                }
            )
    return {
        "name": case.name,
        "picture": case.picture.file,
        "task": case.prompt.task,
        "input": case.prompt.input,
        "promptText": case.prompt.text,
        "promptIds": case.prompt.ids,
        "maxNewTokens": case.max_new_tokens,
        "noRepeatNgramSize": NO_REPEAT_NGRAM_SIZE,
        "greedy": {
            "ids": case.greedy.ids,
            "logProbs": [_round(p) for p in case.greedy.log_probs],
        },
        "beams": beams,
    }


def _round(value: float) -> float:
    """Seven significant digits: all that float32 holds."""
    return float(f"{value:.7g}")


def versions_json(classic_versions: dict[str, str]) -> dict[str, str]:
    return {
        "vectorised": f"transformers {transformers.__version__}",
        "classic": f"transformers {classic_versions['transformers']}",
        "torch": torch.__version__,
        "pillow": pillow_version,
        "tokenizers": tokenizers.__version__,
    }
