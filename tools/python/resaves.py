"""Writes test/fixtures/forms/resaves.json: the files that transformers writes when it saves a model again.

    python resaves.py --classic-python PATH

The portable `small` checkpoint is loaded by transformers 5 and saved, with its processor's parts; the
`microsoft` one is loaded and saved by transformers 4.49 with classes that have the fields of Microsoft's,
as its own code is in no library. The fixture holds the JSON files as edits. Their answers must be those
of the original, which the TypeScript test asks.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import safe_open
from transformers import Florence2ForConditionalGeneration
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from checkpoint_forms import OUT, base_json, write_base
from forms.bases import BASES
from forms.edits import Edit, drop, put
from oracle.json_out import write_json

FILES = ("config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json")


def edits_of(folder: Path) -> list[Edit]:
    """Every JSON file as it was saved; those that were not are taken away."""
    edits = []
    for name in FILES:
        file = folder / name
        if file.exists():
            edits.append(put(name, value=json.loads(file.read_text())))
        elif name in ("generation_config.json", "preprocessor_config.json"):
            edits.append(drop(name))
    return edits


def save_modern(source: Path, target: Path) -> None:
    model = Florence2ForConditionalGeneration.from_pretrained(source, dtype=torch.float32)
    model.save_pretrained(target)
    # What Florence2Processor.save_pretrained writes: the image processor inside processor_config.json.
    image = CLIPImageProcessorPil.from_pretrained(source).to_dict()
    processor = {"image_processor": image, "processor_class": "Florence2Processor"}
    (target / "processor_config.json").write_text(json.dumps(processor))
    with safe_open(source / "model.safetensors", "pt") as old, safe_open(target / "model.safetensors", "pt") as new:
        same = set(old.keys()) == set(new.keys()) and all(
            torch.equal(old.get_tensor(k), new.get_tensor(k)) for k in old.keys() if "temporal" not in k
        )
    if not same:
        raise AssertionError("the weights were saved otherwise")


def entry(name: str, base: str, folder: Path, version: str) -> dict[str, Any]:
    return {"name": name, "version": version, "base": base, "edits": edits_of(folder)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classic-python", required=True)
    options = parser.parse_args()
    saves = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for base in ("small", "untied"):
            write_base(BASES[base], root / base, None)
            save_modern(root / base, root / f"{base}-saved")
            saves.append(entry(f"{base}, by transformers 5", base, root / f"{base}-saved", transformers.__version__))
        write_base(BASES["microsoft"], root / "microsoft", None)
        program = Path(__file__).resolve().parent / "classic_resave.py"
        out = subprocess.run(
            [options.classic_python, str(program), str(root / "microsoft"), str(root / "microsoft-saved")],
            check=True, capture_output=True, text=True,
        )
        saves.append(entry("microsoft, by transformers 4.49", "microsoft", root / "microsoft-saved", out.stdout.split()[-1]))
    bases = {s["base"]: base_json(BASES[s["base"]]) for s in saves}
    write_json(OUT / "resaves.json", {"bases": bases, "saves": saves})


if __name__ == "__main__":
    main()
