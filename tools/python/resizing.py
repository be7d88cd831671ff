"""Resizes of made pictures by Pillow, for the order of its passes: portraits, squares and strips.

The order shows only in rounding, and only in pictures that shrink in both directions. What the pinned
Pillow gives is what FloCap must give, byte for byte; with --compare another Pillow says how far it is
away.

Run from the repository root (needs Pillow and numpy):
    python tools/python/resizing.py                       writes test/fixtures/resizing/resizing.json
    python tools/python/resizing.py --keep pixels.npz     keeps this Pillow's pixels
    python tools/python/resizing.py --compare pixels.npz  says how far this Pillow is from those
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

FOLDER = Path("test/fixtures/resizing")
SIDES = [192, 768]
SIZES = {
    "portrait": [[600, 900], [810, 1440], [1080, 1920], [1200, 2123]],
    "landscape": [[900, 600], [1920, 1080]],
    "square": [[1000, 1000], [1500, 1500]],
    "strip": [[20, 2400], [9, 901], [10, 1000], [10, 1001], [2400, 20], [1001, 10]],
}


def made(width, height):
    """Edges and noise at every scale; src/runtime/image/resize/parity.test.ts makes the same."""
    x = np.arange(width, dtype=np.int64)[None, :, None]
    y = np.arange(height, dtype=np.int64)[:, None, None]
    c = np.arange(3, dtype=np.int64)[None, None, :]
    return Image.fromarray((((x * 7 + y * 13 + c * 29) ^ ((x * y) >> 3)) & 255).astype(np.uint8))


def resized(width, height, side):
    return made(width, height).resize((side, side), Image.Resampling.BICUBIC)


def cases():
    for kind, sizes in SIZES.items():
        for width, height in sizes:
            for side in SIDES:
                yield kind, width, height, side


def write():
    pictures = [
        {"kind": kind, "width": w, "height": h, "side": side, "rgb": hashlib.sha256(resized(w, h, side).tobytes()).hexdigest()}
        for kind, w, h, side in cases()
    ]
    text = json.dumps({"made_by": {"pillow": PIL.__version__}, "pictures": pictures}, indent=1)
    (FOLDER / "resizing.json").write_text(text + "\n")
    print(f"{len(pictures)} pictures")


def compare(pixels):
    """How far this Pillow is from the pixels of the pinned one."""
    pinned = np.load(pixels)
    print(f"Pillow {PIL.__version__}")
    for kind, w, h, side in cases():
        now = np.asarray(resized(w, h, side)).astype(int)
        away = np.abs(now - pinned[f"{w}x{h}-{side}"].astype(int))
        print(f"{kind:9} {w}x{h} to {side}: {100 * (away > 0).mean():.1f} % of bytes, at most {away.max()}")


def keep(pixels):
    np.savez_compressed(pixels, **{f"{w}x{h}-{side}": np.asarray(resized(w, h, side)) for _, w, h, side in cases()})


def main():
    if len(sys.argv) == 3:
        {"--keep": keep, "--compare": compare}[sys.argv[1]](sys.argv[2])
    else:
        write()


if __name__ == "__main__":
    main()
