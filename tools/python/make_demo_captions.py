"""Writes test/fixtures/demo: what the reference answers with the bundled model; some of it, which
`flocap doctor` needs, into the model's samples/truth.json too.

    python make_demo_captions.py --classic-python PATH

Prompts, pixels and texts come from the reference's own Florence2Processor, weights from
from_pretrained.
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from transformers import AutoProcessor

from oracle.cases import Case, case_json, reference_models, run_classic, search_case, versions_json
from oracle.demo import DEMO, DEMO_FOLDER, ROOT, SAMPLES, load_demo
from oracle.jobs import BeamJob
from oracle.json_out import write_json
from oracle.noise import DEMO_NOISE
from oracle.pictures import Picture, load_picture
from oracle.prompts import Prompt, PromptMaker
from oracle.reference import Reference, deterministic
from oracle.search import STANDARD_BEAMS

OUT = ROOT / "test" / "fixtures" / "demo"
FORMAT = 1
CAPTION_TASKS = ("<CAPTION>", "<DETAILED_CAPTION>", "<MORE_DETAILED_CAPTION>")
# As Microsoft's samples; every caption of the bundled model ends long before.
MAX_NEW_TOKENS = 1024


class Demo:
    """The bundled model, its processor and what was published with it."""

    def __init__(self) -> None:
        self.processor = AutoProcessor.from_pretrained(DEMO_FOLDER)
        self.prompts = PromptMaker(DEMO_FOLDER)
        self.samples = json.loads((SAMPLES / "truth.json").read_text())["scenes"]
        settings = json.loads((DEMO_FOLDER / "preprocessor_config.json").read_text())
        self.size = settings["size"]["height"]

    def picture(self, file: str) -> Picture:
        """Checked: the processor makes the same pixels."""
        picture = load_picture(SAMPLES, file, self.size)
        with Image.open(SAMPLES / file) as opened:
            inputs = self.processor(
                text=CAPTION_TASKS[0], images=opened.convert("RGB"), return_tensors="np"
            )
        if not np.array_equal(inputs["pixel_values"], picture.pixels):
            raise AssertionError(f"{file}: the processor makes other pixels")
        return picture

    def prompt(self, task: str, value: str | None, picture: Picture) -> Prompt:
        """Checked: the processor makes the same ids, behind its image placeholders."""
        prompt = self.prompts.make(task, value)
        with Image.open(SAMPLES / picture.file) as opened:
            inputs = self.processor(text=task + (value or ""), images=opened.convert("RGB"))
        ids = [i for i in np.ravel(inputs["input_ids"]) if i != self.processor.image_token_id]
        if ids != prompt.ids:
            raise AssertionError(f"{task}: the processor makes {ids}, not {prompt.ids}")
        return prompt

    def text(self, ids: list[int], task: str, picture: Picture) -> str:
        raw = self.processor.batch_decode([ids], skip_special_tokens=False)[0]
        size = (picture.width, picture.height)
        answer = self.processor.post_process_generation(raw, task=task, image_size=size)
        return answer[task]


def search_captions(demo: Demo, models: tuple[Reference, ...]) -> list[Case]:
    cases = []
    for scene in demo.samples:
        picture = demo.picture(scene["file"])
        for task in CAPTION_TASKS:
            prompt = demo.prompt(task, None, picture)
            name = f"{picture.file.removesuffix('.png')} {task}"
            case = search_case(models, name, picture, prompt, MAX_NEW_TOKENS, STANDARD_BEAMS)
            if case is None:
                print(f"{name} is a near-tie: it cannot be a fixture of exact ids")
            else:
                cases.append(case)
    return cases


def answer_classic(
    models: tuple[Reference, ...], cases: list[Case], python: str
) -> tuple[list[Case], dict[str, str]]:
    """The cases that are no near-tie under the classic rule either, with its answers."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        embeds = {
            c.name: models[0].stages(c.picture.pixels, c.prompt.ids).inputs_embeds for c in cases
        }
        np.savez(folder / f"{DEMO}.npz", **embeds)
        jobs = [BeamJob(DEMO, c.name, c.name, c.max_new_tokens, c.settings, DEMO_NOISE) for c in cases]
        versions, answers = run_classic(jobs, python, folder)
    certain = []
    for case in cases:
        answer = answers[case.name]
        if answer is None:
            print(f"{case.name} is a near-tie under the classic rule")
            continue
        case.classic = answer
        certain.append(case)
    return certain, versions


def caption_json(demo: Demo, case: Case) -> dict[str, Any]:
    value = case_json(case)
    parts = [value["greedy"], *(s for beams in value["beams"] for s in beams["sequences"])]
    for part in parts:
        part["text"] = demo.text(part["ids"], case.prompt.task, case.picture)
    return value


def write_sample_captions(cases: list[dict[str, Any]]) -> None:
    """Into truth.json: the answer with FloCap's rule and the early stopping of the model's own settings, which `flocap doctor` compares with."""
    file = SAMPLES / "truth.json"
    truth = json.loads(file.read_text())
    for scene in truth["scenes"]:
        for case in cases:
            if case["picture"] == scene["file"] and case["task"] == CAPTION_TASKS[-1]:
                scene["caption"] = next(
                    beams["sequences"][0]["text"]
                    for beams in case["beams"]
                    if beams["stoppingRule"] == "classic" and beams["earlyStopping"] is True
                )
    write_json(file, truth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classic-python", required=True)
    options = parser.parse_args()
    deterministic()
    demo = Demo()
    models = reference_models(*load_demo(), DEMO_NOISE)
    cases = search_captions(demo, models)
    cases, versions = answer_classic(models, cases, options.classic_python)
    differing = sum(case.rules_disagree(len(case.settings)) for case in cases)
    print(f"{len(cases)} captions, the rules disagree in {differing}")
    OUT.mkdir(parents=True, exist_ok=True)
    answers = [caption_json(demo, case) for case in cases]
    write_sample_captions(answers)
    weights = (DEMO_FOLDER / "model.safetensors").read_bytes()
    pictures = {case.picture.file: case.picture for case in cases}
    write_json(
        OUT / "reference-captions.json",
        {
            "format": FORMAT,
            "model": DEMO,
            "weightsSha256": hashlib.sha256(weights).hexdigest(),
            "reference": versions_json(versions),
            "pictures": [
                {
                    "file": p.file,
                    "width": p.width,
                    "height": p.height,
                    "resizedRgbSha256": p.rgb_sha256,
                    "pixelsSha256": p.pixels_sha256,
                }
                for p in pictures.values()
            ],
            "cases": answers,
        },
    )


if __name__ == "__main__":
    main()
