"""What Pillow makes of the transparent picture fixtures on a background.

`Image.paste(picture, mask=alpha)` on white, black and a colour: sha256 of the pixels as they are
stored, in test/fixtures/backgrounds/backgrounds.json.

Run from the repository root:  python tools/python/backgrounds.py   (needs Pillow)
"""

import hashlib
import json
from pathlib import Path

import PIL
from PIL import Image

PICTURES = Path("test/fixtures/pictures")
TARGET = Path("test/fixtures/backgrounds/backgrounds.json")
BACKGROUNDS = ["#ffffff", "#000000", "#ff8800"]


def on_background(picture, colour):
    rgba = picture.convert("RGBA")
    below = Image.new("RGB", rgba.size, colour)
    below.paste(rgba, mask=rgba.getchannel("A"))
    return hashlib.sha256(below.tobytes()).hexdigest()


def main():
    pictures = {}
    for path in sorted(PICTURES.iterdir()):
        if path.suffix in (".json", ".md") or path.name.endswith(".expected.png"):
            continue
        try:
            picture = Image.open(path)
            picture.load()
        except OSError:  # read by a plug-in that is not here, or by FloCap alone
            continue
        if picture.has_transparency_data:
            pictures[path.name] = {colour: on_background(picture, colour) for colour in BACKGROUNDS}
    text = json.dumps({"made_by": {"pillow": PIL.__version__}, "pictures": pictures}, indent=1)
    TARGET.write_text(text + "\n")
    print(f"{len(pictures)} pictures")


if __name__ == "__main__":
    main()
