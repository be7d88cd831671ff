"""Resizes of made pictures by Pillow, for the order of its passes: portraits, squares and strips.

The order shows only in rounding, and only in pictures that shrink in both directions. What the pinned
Pillow gives is what FloCap must give, byte for byte; with --compare another Pillow says how far it is
away.

Run from the repository root (needs Pillow and numpy):
    python tools/python/resizing.py                       writes test/fixtures/resizing/resizing.json
    python tools/python/resizing.py --keep pixels.npz [PHOTO...]     keeps this Pillow's pixels
    python tools/python/resizing.py --compare pixels.npz [PHOTO...]  says how far this Pillow is from those
Of each photo its middle is taken, cropped as phones take portraits.
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
PORTRAITS = [[9, 16], [3, 4], [2, 3]]
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


def resized(picture, side):
    return picture.resize((side, side), Image.Resampling.BICUBIC)


def cases():
    for kind, sizes in SIZES.items():
        for width, height in sizes:
            for side in SIDES:
                yield kind, width, height, side


def write():
    pictures = [
        {"kind": kind, "width": w, "height": h, "side": side, "rgb": hashlib.sha256(resized(made(w, h), side).tobytes()).hexdigest()}
        for kind, w, h, side in cases()
    ]
    text = json.dumps({"made_by": {"pillow": PIL.__version__}, "pictures": pictures}, indent=1)
    (FOLDER / "resizing.json").write_text(text + "\n")
    print(f"{len(pictures)} pictures")


def portraits(photo):
    """The middle of a photo, as high as it is, in each of the usual shapes."""
    picture = Image.open(photo).convert("RGB")
    for width, height in PORTRAITS:
        crop = min(picture.width, picture.height * width // height)
        left = (picture.width - crop) // 2
        yield picture.crop((left, 0, left + crop, picture.height))


def pixels_of(photos):
    """Name and pixels of every resize."""
    for kind, width, height, side in cases():
        yield f"{kind} {width}x{height} to {side}", np.asarray(resized(made(width, height), side))
    for photo in photos:
        for crop in portraits(photo):
            for side in SIDES:
                name = f"{Path(photo).name} {crop.width}x{crop.height} to {side}"
                yield name, np.asarray(resized(crop, side))


def compare(pixels, photos):
    """How far this Pillow is from the pixels of the pinned one."""
    pinned = np.load(pixels)
    print(f"Pillow {PIL.__version__}")
    for name, now in pixels_of(photos):
        away = np.abs(now.astype(int) - pinned[name].astype(int))
        print(f"{name}: {100 * (away > 0).mean():.1f} % of bytes, at most {away.max()}")


def keep(pixels, photos):
    np.savez_compressed(pixels, **dict(pixels_of(photos)))


def main():
    if len(sys.argv) > 2:
        command, pixels, *photos = sys.argv[1:]
        {"--keep": keep, "--compare": compare}[command](pixels, photos)
    else:
        write()


if __name__ == "__main__":
    main()
