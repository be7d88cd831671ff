"""Writes test/fixtures/florence2: what the reference computes on the portable checkpoints.

    python make_florence2_fixtures.py --classic-python PATH [--only NAME ...]

PATH is the Python of a virtual environment made from requirements-classic.txt.
"""

import argparse
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import torch
import transformers
from PIL import __version__ as pillow_version
from safetensors.numpy import save_file

from oracle.checkpoint import build_file, native_state, write_folder
from oracle.demo import DEMO_FOLDER, ROOT, SAMPLES
from oracle.jobs import BeamJob, write_jobs
from oracle.json_out import write_json
from oracle.noise import add_noise
from oracle.pictures import Picture, load_picture
from oracle.prompts import Prompt, PromptMaker
from oracle.recipes import RECIPES, Recipe
from oracle.reference import Greedy, Reference, deterministic
from oracle.search import (
    EXTRA_BEAMS,
    NO_REPEAT_NGRAM_SIZE,
    STANDARD_BEAMS,
    BeamSettings,
    Sequence,
)

OUT = ROOT / "test" / "fixtures" / "florence2"
FORMAT = 1

CAPTION_TASKS = ("<CAPTION>", "<DETAILED_CAPTION>", "<MORE_DETAILED_CAPTION>")
# Two of these, in turn, for each picture.
INPUT_TASKS = (
    ("<CAPTION_TO_PHRASE_GROUNDING>", "A camera on a purple background."),
    ("<REGION_TO_CATEGORY>", "<loc_52><loc_332><loc_932><loc_774>"),
    ("<OPEN_VOCABULARY_DETECTION>", "a clock"),
    ("<REGION_TO_DESCRIPTION>", "<loc_0><loc_0><loc_999><loc_999>"),
    ("<REFERRING_EXPRESSION_SEGMENTATION>", "the dog on the left"),
)
# The ids that the teacher-forced logits of a picture follow: the start token, then <s>.
FIRST_IDS = [2, 0]


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


@dataclass
class Made:
    recipe: Recipe
    header: dict[str, Any]
    tensors: dict[str, np.ndarray]
    cases: list[Case]
    tried: int


def make(recipe: Recipe, prompts: PromptMaker, scratch: Path) -> Made:
    config, state = recipe.native_config(), native_state(recipe)
    plain = Reference.from_state(config, state)
    double = Reference.from_state(config, state, torch.float64)
    noisy = Reference.from_state(config, state)
    add_noise(noisy.model.lm_head)
    models = (plain, double, noisy)

    tensors: dict[str, np.ndarray] = {}
    embeds: dict[str, np.ndarray] = {}
    pictures: list[dict[str, Any]] = []
    cases: list[Case] = []
    tried = 0
    for number, file in enumerate(recipe.pictures):
        picture = load_picture(SAMPLES, file, recipe.image_size)
        asked = [prompts.make(task) for task in CAPTION_TASKS]
        first = 2 * (number + RECIPES.index(recipe))
        asked += [prompts.make(*INPUT_TASKS[(first + i) % len(INPUT_TASKS)]) for i in (0, 1)]
        pictures.append(_describe_picture(plain, picture, asked[0], tensors))
        for prompt in asked:
            length = recipe.lengths[tried % len(recipe.lengths)]
            settings = STANDARD_BEAMS
            if tried % 2:
                settings += (EXTRA_BEAMS[tried // 2 % len(EXTRA_BEAMS)],)
            name = f"{file.removesuffix('.png')} {prompt.task} {length}"
            tried += 1
            case = _search(models, name, picture, prompt, length, settings)
            if case is not None:
                cases.append(case)
                embeds[name] = plain.stages(picture.pixels, prompt.ids).inputs_embeds
    np.savez(scratch / f"{recipe.name}.npz", **embeds)
    if recipe.layout == "native":
        _check_library_reads_it(recipe, plain, scratch)
    print(f"{recipe.name}: {len(cases)} of {tried} cases are stable", flush=True)
    return Made(recipe, {"pictures": pictures}, tensors, cases, tried)


def _search(
    models: tuple[Reference, ...],
    name: str,
    picture: Picture,
    prompt: Prompt,
    length: int,
    settings: tuple[BeamSettings, ...],
) -> Case | None:
    """None if float64 arithmetic or a little noise gives other ids anywhere."""
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


def _describe_picture(
    reference: Reference, picture: Picture, prompt: Prompt, tensors: dict[str, np.ndarray]
) -> dict[str, Any]:
    stages = reference.stages(picture.pixels, prompt.ids)
    values = {
        "visionMap": stages.vision_map,
        "imageFeatures": stages.image_features,
        "encoderOutput": stages.encoder_output,
        "logits": reference.logits(picture.pixels, prompt.ids, FIRST_IDS),
    }
    names = {}
    for key, value in values.items():
        names[key] = f"{picture.file}/{key}"
        tensors[names[key]] = np.ascontiguousarray(value.astype(np.float32))
    return {
        "file": picture.file,
        "width": picture.width,
        "height": picture.height,
        "resizedRgbSha256": picture.rgb_sha256,
        "pixelsSha256": picture.pixels_sha256,
        "task": prompt.task,
        "promptIds": prompt.ids,
        "answerIds": FIRST_IDS,
        "tensors": names,
    }


def _check_library_reads_it(recipe: Recipe, plain: Reference, scratch: Path) -> None:
    """The folder, read by from_pretrained, is the model that the fixtures were computed with."""
    folder = scratch / "checkpoint" / recipe.name
    write_folder(recipe, folder)
    loaded = Reference.from_folder(str(folder)).model.state_dict()
    for name, value in plain.model.state_dict().items():
        if not torch.equal(loaded[name], value):
            raise AssertionError(f"{recipe.name}: from_pretrained reads {name} differently")


def _run_classic(made: list[Made], python: str, scratch: Path) -> dict[str, str]:
    jobs = [
        BeamJob(m.recipe.name, c.name, f"{m.recipe.name}/{c.name}", c.max_new_tokens, c.settings)
        for m in made
        for c in m.cases
    ]
    versions, answers = run_classic(jobs, python, scratch)
    for m in made:
        kept = []
        for case in m.cases:
            answer = answers[f"{m.recipe.name}/{case.name}"]
            if answer is not None:
                case.classic = answer
                kept.append(case)
        m.cases = kept
    return versions


def run_classic(
    jobs: list[BeamJob], python: str, scratch: Path
) -> tuple[dict[str, str], dict[str, list[list[Sequence]] | None]]:
    """The classic answers by case name, None where they are not stable, and the versions used."""
    import json

    write_jobs(scratch, jobs)
    program = Path(__file__).with_name("classic_beams.py")
    subprocess.run([python, str(program), str(scratch)], check=True)
    out = json.loads((scratch / "classic.json").read_text())
    answers = {
        case["case"]: [[Sequence(**s) for s in beams] for beams in case["beams"]]
        if case["stable"]
        else None
        for case in out["cases"]
    }
    return out["versions"], answers


def _write(made: Made, classic_versions: dict[str, str]) -> None:
    recipe = made.recipe
    file = build_file(recipe)
    save_file(made.tensors, OUT / f"{recipe.name}.safetensors")
    write_json(
        OUT / f"{recipe.name}.json",
        {
            "format": FORMAT,
            "name": recipe.name,
            "covers": recipe.covers,
            "checkpoint": {
                "layout": recipe.layout,
                "dtype": recipe.dtype,
                "seed": recipe.seed,
                "untiedHead": recipe.untied_head,
                "logitsBias": recipe.logits_bias,
                "config": recipe.config(),
                "preprocessorConfig": recipe.preprocessor_config(),
                "tensors": file.tensors,
                "parameters": file.parameters,
                "dataSha256": file.data_sha256,
                "fileSha256": file.file_sha256,
            },
            "reference": {
                "vectorised": f"transformers {transformers.__version__}",
                "classic": f"transformers {classic_versions['transformers']}",
                "torch": torch.__version__,
                "pillow": pillow_version,
                "tokenizers": tokenizers.__version__,
            },
            **made.header,
            "cases": [_case_json(case) for case in made.cases],
        },
    )


def _case_json(case: Case) -> dict[str, Any]:
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classic-python", required=True)
    parser.add_argument("--only", nargs="*", help="names of recipes; all if left out")
    options = parser.parse_args()
    deterministic()
    OUT.mkdir(parents=True, exist_ok=True)
    prompts = PromptMaker(DEMO_FOLDER)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        recipes = [r for r in RECIPES if not options.only or r.name in options.only]
        made = [make(recipe, prompts, folder) for recipe in recipes]
        versions = _run_classic(made, options.classic_python, folder)
        for m in made:
            _write(m, versions)
            print(f"{m.recipe.name}: {len(m.cases)} of {m.tried} cases written")


if __name__ == "__main__":
    main()
