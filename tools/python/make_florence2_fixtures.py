"""Writes test/fixtures/florence2: what the reference computes on the portable checkpoints.

    python make_florence2_fixtures.py --classic-python PATH [--only NAME ...]

PATH is the Python of a virtual environment made from requirements-classic.txt.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file

from oracle.cases import (
    Case,
    case_json,
    reference_models,
    run_classic,
    search_case,
    versions_json,
)
from oracle.checkpoint import build_file, native_state, write_folder
from oracle.demo import ROOT
from oracle.jobs import BeamJob
from oracle.json_out import write_json
from oracle.noise import RANDOM_CHECKPOINT_NOISE
from oracle.pictures import Picture, load_picture
from oracle.prompts import Prompt, PromptMaker
from oracle.recipes import RECIPES, Recipe
from oracle.reference import Reference, deterministic
from oracle.search import EXTRA_BEAMS, STANDARD_BEAMS, BeamSettings

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
# Prompts tried in search of answers that the two stopping rules disagree on, and the settings that
# bring it out: the rules differ in when a search may stop, which long answers make worth more.
PROBE_TASK = "<OPEN_VOCABULARY_DETECTION>"
PROBE_INPUTS = (
    "a bee",
    "a camera",
    "a clock",
    "an egg",
    "a guitar",
    "a key",
    "an owl",
    "a robot",
    "a tiger",
    "a tree",
)
PROBE_LENGTH = 32
PROBE_BEAMS = (*STANDARD_BEAMS, BeamSettings(early_stopping=False, length_penalty=2.0))
# How many of those that disagree in the standard settings are kept for a recipe, and how many others.
KEPT_PROBES = (3, 1)

# The ids that the teacher-forced logits of a picture follow: the start token, then <s>.
FIRST_IDS = [2, 0]


@dataclass
class Made:
    recipe: Recipe
    pictures: list[dict[str, Any]]
    tensors: dict[str, np.ndarray]
    cases: list[Case]
    tried: int


def make(recipe: Recipe, prompts: PromptMaker, scratch: Path) -> Made:
    config, state = recipe.native_config(), native_state(recipe)
    models = reference_models(config, state, RANDOM_CHECKPOINT_NOISE)
    plain = models[0]

    tensors: dict[str, np.ndarray] = {}
    pictures: list[dict[str, Any]] = []
    cases: list[Case] = []
    tried = 0
    for number, file in enumerate(recipe.pictures):
        picture = load_picture(OUT / "pictures", file, recipe.image_size)
        asked = [prompts.make(task) for task in CAPTION_TASKS]
        first = 2 * (number + RECIPES.index(recipe))
        asked += [prompts.make(*INPUT_TASKS[(first + i) % len(INPUT_TASKS)]) for i in (0, 1)]
        pictures.append(_describe_picture(plain, picture, asked[0], tensors))
        _report_rounding(models, picture, asked[0])
        for prompt in asked:
            length = recipe.lengths[tried % len(recipe.lengths)]
            settings = STANDARD_BEAMS
            if tried % 2:
                settings += (EXTRA_BEAMS[tried // 2 % len(EXTRA_BEAMS)],)
            name = f"{file.removesuffix('.png')} {prompt.task} {length}"
            tried += 1
            case = search_case(models, name, picture, prompt, length, settings)
            if case is not None:
                cases.append(case)
        cases += _probe(models, picture, prompts)
    embeds = {c.name: plain.stages(c.picture.pixels, c.prompt.ids).inputs_embeds for c in cases}
    np.savez(scratch / f"{recipe.name}.npz", **embeds)
    if recipe.layout == "native":
        _check_library_reads_it(recipe, plain, scratch)
    stable = sum(not case.probe for case in cases)
    print(f"{recipe.name}: {stable} of {tried} cases and {len(cases) - stable} probes", flush=True)
    return Made(recipe, pictures, tensors, cases, tried)


def _probe(models: tuple[Reference, ...], picture: Picture, prompts: PromptMaker) -> list[Case]:
    """Candidates for a disagreement of the rules; most are dropped once the classic answers are in.

    Where no beam ends before the length limit the rules have nothing to disagree on.
    """
    found = []
    for value in PROBE_INPUTS:
        prompt = prompts.make(PROBE_TASK, value)
        quick = models[0].beams(picture.pixels, prompt.ids, PROBE_LENGTH, STANDARD_BEAMS[0])
        if all(len(s.ids) == PROBE_LENGTH + 1 for s in quick):
            continue
        name = f"{picture.file.removesuffix('.png')} {PROBE_TASK} {value} {PROBE_LENGTH}"
        case = search_case(models, name, picture, prompt, PROBE_LENGTH, PROBE_BEAMS)
        if case is not None:
            case.probe = True
            found.append(case)
    return found


def _keep_telling_probes(cases: list[Case]) -> list[Case]:
    probes = [case for case in cases if case.probe]
    standard = [c for c in probes if c.rules_disagree(len(STANDARD_BEAMS))]
    others = [c for c in probes if c not in standard and c.rules_disagree(len(PROBE_BEAMS))]
    kept = standard[: KEPT_PROBES[0]] + others[: KEPT_PROBES[1]]
    return [case for case in cases if not case.probe or case in kept]


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


def _report_rounding(models: tuple[Reference, ...], picture: Picture, prompt: Prompt) -> None:
    """Prints how far float32 arithmetic is from float64: what no tolerance can be tighter than."""
    single, double = (m.logits(picture.pixels, prompt.ids, FIRST_IDS) for m in models[:2])
    print(f"{picture.file}: rounding moves logits by up to {np.abs(single - double).max():.2g}")


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
        BeamJob(
            m.recipe.name,
            c.name,
            f"{m.recipe.name}/{c.name}",
            c.max_new_tokens,
            c.settings,
            RANDOM_CHECKPOINT_NOISE,
        )
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
        m.cases = _keep_telling_probes(kept)
    return versions


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
            "reference": versions_json(classic_versions),
            "pictures": made.pictures,
            "cases": [case_json(case) for case in made.cases],
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classic-python", required=True)
    parser.add_argument("--only", nargs="*", help="names of recipes; all if left out")
    options = parser.parse_args()
    deterministic()
    OUT.mkdir(parents=True, exist_ok=True)
    prompts = PromptMaker(OUT / "tokenizer")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        recipes = [r for r in RECIPES if not options.only or r.name in options.only]
        made = [make(recipe, prompts, folder) for recipe in recipes]
        versions = _run_classic(made, options.classic_python, folder)
        for m in made:
            _write(m, versions)
            differing = sum(case.rules_disagree(len(case.settings)) for case in m.cases)
            print(f"{m.recipe.name}: {len(m.cases)} cases, the rules disagree in {differing}")


if __name__ == "__main__":
    main()
