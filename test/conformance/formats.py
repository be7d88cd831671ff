"""Reads what `flocap caption --format ...` wrote with the programs that it is for.

    python formats.py FOLDER

FOLDER has pictures with captions in every format. Prints JSON: what each reader got, and which are not
installed.
"""

import csv
import json
import sys
from pathlib import Path

folder = Path(sys.argv[1])
read, missing = {}, []


def reader(name, module):
    """Runs the decorated function now, where its module is installed."""

    def run(function):
        try:
            read[name] = function(__import__(module))
        except ModuleNotFoundError as error:
            missing.append(f"{name} ({error.name})")

    return run


@reader("datasets imagefolder", "datasets")
def _(datasets):
    rows = datasets.load_dataset("imagefolder", data_dir=str(folder / "hf"), split="train")
    return sorted(
        [row["text"], list(row["image"].size), row["objects"]["categories"]] for row in rows
    )


@reader("datasets json", "datasets")
def _(datasets):
    rows = datasets.load_dataset("json", data_files=str(folder / "all" / "captions.jsonl"))["train"]
    return sorted([row["file"], row["caption"]] for row in rows)


@reader("csv", "csv")
def _(_):
    with open(folder / "all" / "captions.csv", newline="", encoding="utf-8") as file:
        return sorted([row["file"], row["caption"]] for row in csv.DictReader(file))


@reader("webdataset", "webdataset")
def _(wds):
    shard = (folder / "shards" / "00000.tar").as_posix()
    samples = wds.WebDataset(shard, shardshuffle=False).decode("pil").to_tuple("png", "txt", "json")
    return sorted([text, list(image.size), data["file"]] for image, text, data in samples)


@reader("pycocotools", "pycocotools.coco")
def _(pycocotools):
    sys.stdout, out = sys.stderr, sys.stdout  # It prints how long it took.
    coco = pycocotools.coco.COCO(str(folder / "all" / "coco.json"))
    sys.stdout = out
    found = {}
    for annotation in coco.loadAnns(coco.getAnnIds()):
        (image,) = coco.loadImgs(annotation["image_id"])
        left, top, width, height = annotation["bbox"]
        assert left >= 0 and top >= 0 and width > 0 and height > 0, annotation
        assert left + width <= image["width"] and top + height <= image["height"], annotation
        (category,) = coco.loadCats(annotation["category_id"])
        found.setdefault(image["file_name"], []).append(category["name"])
    return {name: sorted(labels) for name, labels in sorted(found.items())}


@reader("yolo", "json")
def _(_):
    """The rules of Ultralytics' `verify_image_label`, restated."""
    names = (folder / "yolo" / "classes.txt").read_text("utf-8").splitlines()
    found = {}
    for path in sorted((folder / "yolo").glob("*.png")):
        label = path.with_suffix(".txt")
        lines = label.read_text("utf-8").splitlines() if label.exists() else []
        rows = [line.split() for line in lines if line]
        for row in rows:
            assert len(row) == 5 and int(row[0]) < len(names), row
            assert all(0 <= float(value) <= 1 for value in row[1:]), row
        assert len({tuple(row) for row in rows}) == len(rows), "labels are repeated"
        found[path.name] = sorted(names[int(row[0])] for row in rows)
    return found


@reader("kohya", "json")
def _(_):
    """`caption_extension` of sd-scripts reads the first line; `in_json` is found by path or stem."""
    metadata = json.loads((folder / "all" / "meta_cap.json").read_text("utf-8"))
    return sorted(
        [
            path.name,
            path.with_suffix(".txt").read_text("utf-8").splitlines()[0].strip(),
            metadata[path.stem]["caption"],
        ]
        for path in (folder / "all").glob("*.png")
    )


@reader("OneTrainer", "json")
def _(_):
    """Every line of the text file is a caption; one is drawn for each step."""
    return sorted(
        [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
        for path in (folder / "all").glob("*.txt")
    )


json.dump({"read": read, "missing": missing}, sys.stdout)
