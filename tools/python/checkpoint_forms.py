"""Writes test/fixtures/forms/variants.json: what transformers makes of many forms of a checkpoint.

    python checkpoint_forms.py [--only TEXT]

Each form is a list of edits of a base checkpoint's files. It is read and asked as a stranger would do
it, `from_pretrained` and `generate(max_new_tokens=...)`, and the fixture holds the ids or the refusal.
A question whose answer float64 arithmetic or a little noise on the logits changes is a near tie and is
replaced by the next one.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers
from PIL import __version__ as pillow_version

from forms.bases import BASES
from forms.edits import apply_edits
from forms.microsoft import MICROSOFT_FORMS, MicrosoftModel
from forms.reading import Question, Refused, answer, load
from forms.variants import ACTIVATION_FORMS, END_FORMS, PRENORM_FORMS
from forms.variants import FORMS as NATIVE_FORMS
from forms.variants import Form
from oracle.checkpoint import build_file, native_state
from oracle.demo import ROOT
from oracle.noise import RANDOM_CHECKPOINT_NOISE, add_noise
from oracle.json_out import write_json
from oracle.recipes import Recipe
from oracle.reference import deterministic

FIXTURES = ROOT / "test" / "fixtures"
TOKENIZER = FIXTURES / "florence2" / "tokenizer"
PICTURES = FIXTURES / "florence2" / "pictures"
OUT = FIXTURES / "forms"

FORMS = [*NATIVE_FORMS, *MICROSOFT_FORMS, *ACTIVATION_FORMS, *PRENORM_FORMS, *END_FORMS]
PRECISIONS = (torch.float32, torch.float64, torch.float32)
PROMPTS = (
    "What does the image describe?",
    "Describe in detail what is shown in the image.",
    "Locate a red car in the image.",
    "What is the text in the image?",
    "a guitar",
    "Locate the objects with category name in the image.",
)
LENGTHS = (12, 24, 32)
QUESTIONS_PER_FORM = 2


def questions(form: Form, number: int) -> list[Question]:
    pictures = BASES[form.base].pictures
    return [
        Question(pictures[i % len(pictures)], PROMPTS[(number + i) % len(PROMPTS)], LENGTHS[(number + i) % len(LENGTHS)])
        for i in range(len(PROMPTS))
    ]


def write_base(recipe: Recipe, folder: Path, dtype: str | None) -> None:
    """As test/support/random-checkpoint.ts writes it."""
    folder.mkdir(parents=True)
    stored = Recipe(**{**vars(recipe), "dtype": dtype}) if dtype else recipe
    file = build_file(stored)
    (folder / "model.safetensors").write_bytes(file.header + file.data)
    for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json"):
        shutil.copy(TOKENIZER / name, folder / name)
    write_json(folder / "config.json", recipe.config())
    write_json(folder / "preprocessor_config.json", recipe.preprocessor_config())


Asker = Callable[[Question], list[int]]


def native_askers(folder: Path) -> list[Asker]:
    models = [load(folder, dtype) for dtype in PRECISIONS]
    add_noise(models[-1].lm_head, RANDOM_CHECKPOINT_NOISE)
    return [lambda question, model=model: answer(model, folder, PICTURES, question) for model in models]


def microsoft_askers(recipe: Recipe, folder: Path) -> list[Asker]:
    config = json.loads((folder / "config.json").read_text())
    generation = folder / "generation_config.json"
    settings = json.loads(generation.read_text()) if generation.exists() else {}
    models = [
        MicrosoftModel(config, settings, recipe.native_config(), native_state(recipe), dtype)
        for dtype in PRECISIONS
    ]
    add_noise(models[-1].model.lm_head, RANDOM_CHECKPOINT_NOISE)
    return [lambda question, model=model: model.answer(folder, PICTURES, question) for model in models]


def ask(form: Form, number: int, folder: Path) -> list[dict[str, Any]]:
    recipe = BASES[form.base]
    askers = microsoft_askers(recipe, folder) if recipe.layout == "microsoft" else native_askers(folder)
    answers = []
    for question in questions(form, number):
        single, *others = (asker(question) for asker in askers)
        if any(other != single for other in others):
            print(f"{form.name}: {question.text} is a near tie")
            continue
        answers.append({**vars(question), "ids": single})
        if len(answers) == QUESTIONS_PER_FORM:
            return answers
    if answers:
        return answers
    raise AssertionError(f"{form.name}: nothing but near ties")


def describe(form: Form, number: int, scratch: Path) -> dict[str, Any]:
    folder = scratch / f"form-{number}"
    write_base(BASES[form.base], folder, form.dtype)
    apply_edits(folder, form.edits)
    entry: dict[str, Any] = {"name": form.name, "base": form.base, "edits": form.edits}
    if form.dtype is not None:
        entry["dtype"] = form.dtype
    try:
        entry["answers"] = ask(form, number, folder)
        print(f"{form.name}: {entry['answers'][0]['ids']}", flush=True)
    except Refused as refusal:
        entry["refused"] = str(refusal).splitlines()[0].replace(str(folder), "FOLDER")[:160]
        print(f"{form.name}: REFUSED {entry['refused']}", flush=True)
    shutil.rmtree(folder)
    return entry


def base_json(recipe: Recipe) -> dict[str, Any]:
    return {
        "layout": recipe.layout,
        "dtype": recipe.dtype,
        "seed": recipe.seed,
        "untiedHead": recipe.untied_head,
        "logitsBias": recipe.logits_bias,
        "config": recipe.config(),
        "preprocessorConfig": recipe.preprocessor_config(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="forms whose name has this text; nothing is written then")
    options = parser.parse_args()
    deterministic()
    with tempfile.TemporaryDirectory() as scratch:
        entries = [
            describe(form, number, Path(scratch))
            for number, form in enumerate(FORMS)
            if not options.only or options.only in form.name
        ]
    if options.only:
        return
    OUT.mkdir(exist_ok=True)
    used = {form.base for form in FORMS}
    write_json(
        OUT / "variants.json",
        {
            "reference": {
                "transformers": transformers.__version__,
                "torch": torch.__version__,
                "pillow": pillow_version,
            },
            "bases": {name: base_json(BASES[name]) for name in sorted(used)},
            "forms": entries,
        },
    )


if __name__ == "__main__":
    main()
