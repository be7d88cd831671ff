"""Small differences between checkpoints: edits of the JSON files of a folder, as data.

The same edits are applied by test/support/edited-checkpoint.ts, so fixtures hold no whole files.
"""

import json
from pathlib import Path
from typing import Any

Edit = dict[str, Any]


def put(file: str, *path: str | int, value: Any) -> Edit:
    """Sets a field; the objects on the way to it are made."""
    return {"file": file, "path": list(path), "value": value}


def drop(file: str, *path: str | int) -> Edit:
    """Takes a field away, or the whole file where no path is given."""
    return {"file": file, "path": list(path)}


def apply_edits(folder: Path, edits: list[Edit]) -> None:
    for edit in edits:
        file = folder / edit["file"]
        if not edit["path"]:
            if "value" in edit:
                file.write_text(json.dumps(edit["value"], indent=1))
            else:
                file.unlink()
            continue
        content = json.loads(file.read_text())
        *above, last = edit["path"]
        target = content
        for key in above:
            target = target.setdefault(key, {}) if isinstance(target, dict) else target[key]
        if "value" in edit:
            target[last] = edit["value"]
        else:
            del target[last]
        file.write_text(json.dumps(content, indent=1))
