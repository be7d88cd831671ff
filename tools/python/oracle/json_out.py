"""JSON that people can read and diff: indented, but lists of numbers on one line."""

import json
import re
from pathlib import Path

_NUMBERS = re.compile(r"\[\s*(-?[\d.e+-]+(?:,\s*-?[\d.e+-]+)*)\s*\]")


def write_json(path: Path, value: object) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    flat = _NUMBERS.sub(lambda m: "[" + re.sub(r"\s+", "", m.group(1)) + "]", text)
    path.write_text(flat + "\n", encoding="utf-8")
