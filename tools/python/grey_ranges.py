"""Grey AVIF pictures of full and limited range, and what Pillow makes of them.

Files and grey-ranges.json (the first row of each) in test/fixtures/range.

Run from the repository root:  python tools/python/grey_ranges.py   (needs Pillow and numpy)
"""

import io
import json
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

FOLDER = Path("test/fixtures/range")


def files():
    ramp = Image.fromarray(np.tile(np.arange(0, 256, 4, dtype=np.uint8), (16, 1)))
    for extent in ["full", "limited"]:
        for name, alpha in [("grey", False), ("grey-alpha", True)]:
            picture = ramp.copy()
            if alpha:
                picture.putalpha(Image.new("L", ramp.size, 200))
            out = io.BytesIO()
            picture.save(out, "AVIF", quality=100, range=extent, subsampling="4:0:0")
            yield f"{name}-{extent}.avif", out.getvalue()


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = {}
    for name, data in files():
        (FOLDER / name).write_bytes(data)
        rows[name] = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))[0, :, 0].tolist()
    text = json.dumps({"made_by": {"pillow": PIL.__version__}, "rows": rows})
    (FOLDER / "grey-ranges.json").write_text(text + "\n")
    print(f"{len(rows)} pictures")


if __name__ == "__main__":
    main()
