"""Writes test/fixtures/demo: what the reference answers with the bundled model.

    python make_demo_captions.py --classic-python PATH

Prompts, pixels and texts come from the reference's own Florence2Processor, weights from
from_pretrained. Also prints how far the tensors in samples/goldens.safetensors, and the ids in
samples/samples.json, are from the reference: PROVENANCE.md beside the fixture states the result.
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import load_file
from transformers import AutoProcessor

from oracle.cases import Case, case_json, reference_models, run_classic, search_case, versions_json
from oracle.demo import DEMO, DEMO_FOLDER, ROOT, SAMPLES, load_demo
from oracle.jobs import BeamJob
from oracle.json_out import write_json
from oracle.noise import DEMO_NOISE
from oracle.pictures import Picture, load_picture
from oracle.prompts import Prompt, PromptMaker
from oracle.reference import Reference, deterministic
from oracle.search import STANDARD_BEAMS, BeamSettings

OUT = ROOT / "test" / "fixtures" / "demo"
FORMAT = 1
CAPTION_TASKS = ("<CAPTION>", "<DETAILED_CAPTION>", "<MORE_DETAILED_CAPTION>")
# As Microsoft's samples; every caption of the bundled model ends long before.
MAX_NEW_TOKENS = 1024
# Bound for the answers of samples.json, of which region lists are the longest.
SAMPLE_LENGTH = 128
GOLDEN_PICTURE = "scene-03.png"
GOLDEN_TASK = "<MORE_DETAILED_CAPTION>"


class Demo:
    """The bundled model, its processor and what was published with it."""

    def __init__(self) -> None:
        self.processor = AutoProcessor.from_pretrained(DEMO_FOLDER)
        self.prompts = PromptMaker(DEMO_FOLDER)
        self.samples = json.loads((SAMPLES / "samples.json").read_text())["scenes"]
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


def compare_goldens(demo: Demo, reference: Reference) -> None:
    """Prints the error of every tensor in goldens.safetensors by the reference's reading."""
    goldens = load_file(SAMPLES / "goldens.safetensors")
    picture = demo.picture(GOLDEN_PICTURE)
    scene = next(s for s in demo.samples if s["file"] == GOLDEN_PICTURE)
    sample = next(t for t in scene["tasks"] if t["task"] == GOLDEN_TASK)
    prompt = demo.prompt(GOLDEN_TASK, None, picture)
    stages = reference.stages(picture.pixels, prompt.ids)
    fed = sample["greedy_ids"][: goldens["logits"].shape[1]]
    pairs = {
        "pixel_values": (picture.pixels, goldens["pixel_values"]),
        "vision_map_bhwc": (stages.vision_map, goldens["vision_map_bhwc"][0]),
        "image_features": (stages.image_features, goldens["image_features"][0]),
        "encoder_last_hidden_state": (
            stages.encoder_output,
            goldens["encoder_last_hidden_state"][0],
        ),
        "decoder_last_hidden_state": (
            reference.decoder_output(picture.pixels, prompt.ids, fed),
            goldens["decoder_last_hidden_state"][0],
        ),
        "logits": (reference.logits(picture.pixels, prompt.ids, fed), goldens["logits"][0]),
    }
    for name, (ours, golden) in pairs.items():
        error = np.linalg.norm(ours - golden) / np.linalg.norm(ours)
        print(f"{name}: max {np.abs(ours - golden).max():.3g}, relative L2 {error:.3g}")


def compare_samples(demo: Demo, reference: Reference) -> None:
    """Prints every task of samples.json whose ids the reference does not give."""
    equal = {"greedy": 0, "beams": 0}
    total = 0
    for scene in demo.samples:
        picture = demo.picture(scene["file"])
        for sample in scene["tasks"]:
            prompt = demo.prompt(sample["task"], sample["input"], picture)
            if prompt.ids != sample["prompt_ids"]:
                print(f"prompt differs: {scene['file']} {sample['task']}")
            greedy = reference.greedy(picture.pixels, prompt.ids, SAMPLE_LENGTH).ids
            beams = reference.beams(picture.pixels, prompt.ids, SAMPLE_LENGTH, BeamSettings())
            total += 1
            for kind, ours, theirs in (
                ("greedy", greedy, sample["greedy_ids"]),
                ("beams", beams[0].ids, sample["beam3_ngram3_ids"]),
            ):
                if ours == theirs:
                    equal[kind] += 1
                else:
                    print(f"{kind} differs: {scene['file']} {sample['task']} {ours} {theirs}")
    print(f"samples.json: {equal} of {total} equal")

def search_captions(demo: Demo, models: tuple[Reference, ...]) -> list[Case]:
    cases = []
    for scene in demo.samples:
        picture = demo.picture(scene["file"])
        for task in CAPTION_TASKS:
            prompt = demo.prompt(task, None, picture)
            name = f"{picture.file.removesuffix('.png')} {task}"
            case = search_case(models, name, picture, prompt, MAX_NEW_TOKENS, STANDARD_BEAMS)
            if case is None:
                raise AssertionError(f"{name} is a near-tie: it cannot be a fixture of exact ids")
            cases.append(case)
    return cases


def answer_classic(models: tuple[Reference, ...], cases: list[Case], python: str) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        embeds = {
            c.name: models[0].stages(c.picture.pixels, c.prompt.ids).inputs_embeds for c in cases
        }
        np.savez(folder / f"{DEMO}.npz", **embeds)
        jobs = [BeamJob(DEMO, c.name, c.name, c.max_new_tokens, c.settings, DEMO_NOISE) for c in cases]
        versions, answers = run_classic(jobs, python, folder)
    for case in cases:
        answer = answers[case.name]
        if answer is None:
            raise AssertionError(f"{case.name} is a near-tie under the classic rule")
        case.classic = answer
    return versions


def caption_json(demo: Demo, case: Case) -> dict[str, Any]:
    value = case_json(case)
    parts = [value["greedy"], *(s for beams in value["beams"] for s in beams["sequences"])]
    for part in parts:
        part["text"] = demo.text(part["ids"], case.prompt.task, case.picture)
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classic-python", required=True)
    options = parser.parse_args()
    deterministic()
    demo = Demo()
    compare_goldens(demo, Reference.from_folder(str(DEMO_FOLDER)))
    models = reference_models(*load_demo(), DEMO_NOISE)
    compare_samples(demo, models[0])
    cases = search_captions(demo, models)
    versions = answer_classic(models, cases, options.classic_python)
    differing = sum(case.rules_disagree(len(case.settings)) for case in cases)
    print(f"{len(cases)} captions, the rules disagree in {differing}")
    OUT.mkdir(parents=True, exist_ok=True)
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
            "cases": [caption_json(demo, case) for case in cases],
        },
    )


if __name__ == "__main__":
    main()
