"""Pictures with their truth: the samples that come with the model, and a set to evaluate it on.

    python -m bundled.pictures samples    --assets ASSETS --out models/flocap-demo/samples
    python -m bundled.pictures evaluation --assets ASSETS --out FOLDER --seed 20261124 --count 260

A set follows from its seed. Its arrangements, words and unknown drawings never occur in training;
the drawings of things do, for the model knows no others. `truth.json` says what was drawn, in
pixels; FloCap's `npm run eval:bundled` reads it.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from .answers import PLACES
from .assets import STRANGER, Assets
from .scenes import LARGE, SMALL, Box, Recipe, Scene, SceneMaker, extent, place

FORMAT = 1
SIDES = (384, 448, 512, 640)
"""Of the shorter side, in pixels: the model sees them made smaller, as it would a user's."""

MASK_SIDE = 128
"""Masks are kept at this size, whatever the picture's; enough for an IoU to be right to 0.01."""

SAMPLE_SEED = 7
STRANGE_SHARE = 10
"""One in so many evaluation pictures shows a single unknown drawing, one clutter, one noise, one nothing."""


def to_pixels(box: Box, width: int, height: int) -> list[float]:
    return [round(edge * side, 1) for edge, side in zip(box, (width, height) * 2)]


def run_lengths(mask: np.ndarray) -> list[int]:
    """COCO's uncompressed form: runs of 0 and 1 in turn, down the columns, beginning with 0."""
    flat = mask.T.reshape(-1).astype(np.int8)
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *edges, flat.size]).tolist()
    return [0, *runs] if flat[0] else runs


def small_mask(thing_mask: np.ndarray, corner: tuple[int, int], width: int, height: int) -> np.ndarray:
    full = np.zeros((height, width), bool)
    left, top = corner
    full[top : top + thing_mask.shape[0], left : left + thing_mask.shape[1]] = thing_mask
    rows = ((np.arange(MASK_SIDE) + 0.5) * height / MASK_SIDE).astype(int)
    columns = ((np.arange(MASK_SIDE) + 0.5) * width / MASK_SIDE).astype(int)
    return full[rows][:, columns]


def truth(scene: Scene, file: str, width: int, height: int) -> dict:
    """Of a scene as it was drawn."""
    word = scene.word
    return {
        "file": file,
        "width": width,
        "height": height,
        "background": list(scene.background.names),
        "things": [
            {
                "name": thing.name,
                "box": to_pixels(thing.box, width, height),
                "size": "small" if extent(thing.box) < SMALL else "large" if extent(thing.box) > LARGE else "",
                "place": PLACES[place(thing.box)],
                "mask": {
                    "size": [MASK_SIDE, MASK_SIDE],
                    "counts": run_lengths(small_mask(thing.mask, thing.corner, width, height)),
                },
            }
            for thing in scene.things
        ],
        "word": {"text": word.text, "box": to_pixels(word.box, width, height)} if word else None,
    }


class PictureMaker:
    def __init__(self, assets: Assets, out: Path) -> None:
        self.maker = SceneMaker(assets)
        self.out = out

    def write(self, random: Random, recipe: Recipe, file: str) -> dict:
        scene = self.maker.make(random, recipe)
        short = random.choice(SIDES)
        width, height = (round(short * side) for side in scene.unit)
        scene.aspect = width / height
        picture = self.maker.draw(scene, width, height)
        save(picture.clamp(0, 1).mul(255).round().byte().permute(1, 2, 0).numpy(), self.out / file)
        return truth(scene, file, width, height)


def save(pixels: np.ndarray, file: Path) -> None:
    Image.fromarray(pixels).save(file, optimize=True)


SAMPLE_COUNTS = (*(1, 1, 1, 2, 2, 3) * 4, 0)
"""How many things each sample picture shows. Tests want one thing in 00 and 02, and two in 03."""

SAMPLE_WORDS = ("OPEN", "HOTEL", "MUSEUM", "WELCOME", "CAFE", "MARKET", "TICKETS", "ZOO")
"""Of signs; the list that training draws from has many that nobody wants to see."""


def write_samples(assets: Assets, out: Path) -> list[dict]:
    """Each begins with another thing, so that the pictures show as many as they can."""
    random = Random(SAMPLE_SEED)
    maker = PictureMaker(assets, out)
    fresh = random.sample(assets.names, len(SAMPLE_COUNTS))
    truths = []
    for index, (count, name) in enumerate(zip(SAMPLE_COUNTS, fresh)):
        recipe = Recipe(
            counts=tuple(float(count == n) for n in range(4)),
            strange=0.0,
            alike=1.0 if index % 8 == 4 else 0.0,
            word=1.0 if index % 3 == 1 else 0.0,
            text=SAMPLE_WORDS[index // 3 % len(SAMPLE_WORDS)],
            mixed=0.0,
            textures=False,
            name=name,
        )
        scene = maker.write(random, recipe, f"scene-{index:02}.png")
        for thing in scene["things"]:
            del thing["mask"]  # only the evaluation reads masks
        truths.append({"kind": "scene" if count else "empty", **scene})
    return truths


def write_evaluation(assets: Assets, out: Path, seed: int, count: int) -> list[dict]:
    """Every thing equally often; then as many pictures again, a tenth each, of what is not known."""
    random = Random(seed)
    maker = PictureMaker(assets, out)
    recipe = Recipe(counts=(0.0, 0.34, 0.36, 0.30), strange=0.0, mixed=0.0, unseen=True)
    order = random.sample(assets.names, len(assets.names))
    truths = []
    for index in range(count):
        named = replace(recipe, name=order[index % len(order)])
        truths.append({"kind": "scene", **maker.write(random, named, f"scene-{index:04}.png")})
    kinds = {
        "stranger": replace(recipe, counts=(0.0, 1.0, 0.0, 0.0), name=STRANGER, word=0.0),
        "clutter": replace(recipe, mixed=1.0),
        "empty": replace(recipe, counts=(1.0, 0.0, 0.0, 0.0), word=0.0),
    }
    for kind, unknown in kinds.items():
        for index in range(count // STRANGE_SHARE):
            truths.append({"kind": kind, **maker.write(random, unknown, f"{kind}-{index:03}.png")})
    noise = np.random.default_rng(seed)
    for index in range(count // STRANGE_SHARE):
        file = f"noise-{index:03}.png"
        grain = int(noise.integers(1, 9))
        pixels = noise.integers(0, 256, (384 // grain, 384 // grain, 3), np.uint8)
        save(np.kron(pixels, np.ones((grain, grain, 1), np.uint8)), out / file)
        side = 384 // grain * grain
        truths.append(
            {"kind": "noise", "file": file, "width": side, "height": side, "background": [], "things": [], "word": None}
        )
    return truths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["samples", "evaluation"])
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=20261124)
    parser.add_argument("--count", type=int, default=260)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    assets = Assets(options.assets)
    if options.kind == "samples":
        scenes = write_samples(assets, options.out)
    else:
        scenes = write_evaluation(assets, options.out, options.seed, options.count)
    value = {"format": FORMAT, "names": assets.names, "stranger": STRANGER, "scenes": scenes}
    (options.out / "truth.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")
    print(f"{len(scenes)} pictures")


if __name__ == "__main__":
    main()
