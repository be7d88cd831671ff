"""Writes test/fixtures/parsing/cases.json: answers and what two reference parsers make of them.

Oracle 1, `native`: Florence2Processor.post_process_generation of the installed transformers, run as
it is. Where it raises an error the fixture has null.

Oracle 2, `remote`: MICROSOFT'S CODE IS NOT USED HERE. RemoteParser below is an independent port,
written for this file from a description of the algorithm of Microsoft's processing_florence2.py
(June 2024, revision f0acedb). It exists because that file cannot be installed. It is built from
backtracking patterns, unlike the linear scans of src/caption/parse, so that both agreeing means
something.

Run from the repository root (see PROVENANCE.md beside the fixtures):
    python tools/python/parsing.py
"""

import json
import random
import re
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import AutoTokenizer, CLIPImageProcessor, Florence2Processor
from transformers.models.florence2.processing_florence2 import Florence2PostProcessor

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "test/fixtures/parsing/cases.json"

# One task for each grammar of src/caption/tasks.ts.
TASKS = {
    "text": "<CAPTION>",
    "quads": "<OCR_WITH_REGION>",
    "boxes": "<OD>",
    "grounding": "<CAPTION_TO_PHRASE_GROUNDING>",
    "proposals": "<REGION_PROPOSAL>",
    "polygons": "<REFERRING_EXPRESSION_SEGMENTATION>",
    "boxes_or_polygons": "<OPEN_VOCABULARY_DETECTION>",
}
SIZES = [(640, 480), (403, 500), (1300, 876), (1, 1), (768, 768), (3024, 4032), (97, 31), (10000, 3)]
CASES_PER_GRAMMAR = 90
SEED = 20241124


def banned_phrases() -> list[str]:
    source = (ROOT / "src/caption/parse/banned-phrases.ts").read_text()
    return re.findall(r"^  '([^']+)',$", source, re.M)


# --- oracle 2 -------------------------------------------------------------------------------------


class RemoteParser:
    """Independent port of the remote code's answer parsers. Returns the fixture's compact form."""

    LOC = r"<loc_\d+>"
    LABEL = r"^\s*(.*?)(?=<od>|</od>|<box>|</box>|<bbox>|</bbox>|<loc_%s)"

    def __init__(self, banned):
        self.banned = set(banned)

    def points(self, bins, size):
        # The quantiser works on int64 tensors divided by a Python float: float32 throughout.
        per_bin = [np.float32(side / 1000) for side in size]
        return [
            float(np.float32(np.float32(bin) + np.float32(0.5)) * per_bin[i % 2])
            for i, bin in enumerate(bins)
        ]

    def parse(self, grammar, text, size, threshold):
        if grammar == "text":
            return text.replace("<s>", "").replace("</s>", "")
        if grammar == "quads":
            return self.quads(text, size, threshold)
        if grammar == "boxes_or_polygons":
            if "<poly>" in text:
                return [[], self.polygons(text, size, labelled=True)]
            return [self.boxes(text, size, labelled=True), []]
        if grammar == "polygons":
            return self.polygons(text, size, labelled=False)
        return self.boxes(text, size, labelled=grammar != "proposals", ban=grammar == "grounding")

    def quads(self, text, size, threshold):
        found = []
        for content, *bins in re.findall("(.+?)" + r"<loc_(\d+)>" * 8, text.replace("<s>", "")):
            quad = self.points([int(bin) for bin in bins], size)
            if threshold > 0:
                xs, ys = quad[0::2], quad[1::2]
                area = abs(sum(xs[i] * ys[i + 1] - xs[i + 1] * ys[i] for i in range(3))) / 2
                if area < size[0] * size[1] * threshold:
                    continue
            found.append([content, *quad])
        return found

    def plain(self, text):
        for token in ("<s>", "</s>", "<pad>"):
            text = text.replace(token, "")
        return text

    def boxes(self, text, size, labelled, ban=False):
        pattern = rf"[^<]+(?:{self.LOC}){{4,}}" if labelled else rf"(?:{self.LOC}){{4,}}"
        found = []
        for phrase in re.findall(pattern, self.plain(text)):
            match = re.search(self.LABEL % "", phrase)
            if match is None:
                continue
            label = match.group().strip()
            if ban and label in self.banned:
                continue
            label = label.encode("ascii", "ignore").decode()
            for bins in re.findall(r"<loc_(\d+)>" * 4, phrase):
                found.append([label, *self.points([int(bin) for bin in bins], size)])
        return found

    def polygons(self, text, size, labelled):
        run = rf"(?:{self.LOC}|<sep>|<poly>|</poly>){{4,}}"
        found = []
        for phrase in re.findall(("[^<]+" if labelled else "") + run, self.plain(text)):
            match = re.search(self.LABEL % "|<poly>", re.sub(r"^loc_\d+>", "", phrase, count=1))
            if match is None:
                continue
            label = match.group().strip()
            instances = [phrase]
            if "<poly>" in phrase and "</poly>" in phrase:
                instances = re.findall(r"<poly>(.*?)</poly>", phrase)
            for instance in instances:
                outlines = []
                for locs in re.findall(rf"((?:{self.LOC})+)(?:<sep>|$)", instance):
                    bins = [int(bin) for bin in re.findall(r"\d+", locs)]
                    outlines.append(self.points(bins[: len(bins) // 2 * 2], size))
                if outlines:
                    found.append([label, outlines])
        return found


# --- oracle 1 -------------------------------------------------------------------------------------


def native_processor(banned):
    folder = ROOT / "test/fixtures/florence2/tokenizer"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # Only prompts use these; the constructor asks for them all the same.
    tokenizer.image_token, tokenizer.image_token_id = "<image>", tokenizer.vocab["<image>"]
    images = CLIPImageProcessor.from_pretrained(folder)
    images.image_seq_length = 577
    processor = Florence2Processor(image_processor=images, tokenizer=tokenizer)
    config = {
        "pure_text": {},
        "ocr": {},
        "phrase_grounding": {"banned_grounding_tokens": banned},
        "description_with_bboxes": {},
        "polygons": {},
        "bboxes": {},
        "description_with_bboxes_or_polygons": {},
    }
    processor.post_processor = Florence2PostProcessor(config, processor.tokenizer)
    return processor


def native(processor, grammar, text, size, threshold):
    processor.post_processor.parse_task_config["ocr"]["AREA_THRESHOLD"] = threshold
    task = TASKS[grammar]
    try:
        answer = processor.post_process_generation(text=text, task=task, image_size=size)[task]
    except (RuntimeError, OverflowError, ValueError):
        return None
    if grammar == "text":
        return answer
    if grammar == "quads":
        return [[label, *quad] for label, quad in zip(answer["labels"], answer["quad_boxes"])]
    if grammar == "polygons":
        return [list(pair) for pair in zip(answer["labels"], answer["polygons"])]
    if grammar == "boxes_or_polygons":
        boxes = zip(answer["bboxes_labels"], answer["bboxes"])
        return [
            [[label, *box] for label, box in boxes],
            [list(pair) for pair in zip(answer["polygons_labels"], answer["polygons"])],
        ]
    return [[label, *box] for label, box in zip(answer["labels"], answer["bboxes"])]


# --- answers --------------------------------------------------------------------------------------

LABELS = [
    "car", "door handle", "A green car", "it", "the image", "The image", "café", "naïve — ß", "中新中",
    "🚗 car", "  padded  ", "two\nlines", "\nafter a line feed", "tail\n", "a<b", "x>y", "STOP",
    "loc_5>", "<od>", "\u00a0nbsp\u00a0", "\x1cfs\x1c", "\u2028sep", "\ufeffbom", "1,000.50", "é", "I",
]  # fmt: skip
SOUP = [
    "<s>", "</s>", "<pad>", "<loc_", "<loc_12", "<loc_>", "<loc_007>", "<loc_1000>", "<loc_5000>",
    "<sep>", "<poly>", "</poly>", "<od>", "</od>", "<box>", "<ground>", "<obj>", "<", ">", "<<s>s>", "\n",
    "\r\n", " ", "\t", "loc_3>", "<LOC_4>", "<and>", "<unk>",
]  # fmt: skip


def locs(rng, count):
    return "".join(f"<loc_{rng.randrange(1000)}>" for _ in range(count))


def quad(rng):
    left, top = rng.randrange(800), rng.randrange(800)
    right, bottom = left + rng.randrange(199), top + rng.randrange(199)
    return "".join(f"<loc_{bin}>" for bin in (left, top, right, top, right, bottom, left, bottom))


def polygon(rng, counts):
    return "<sep>".join(locs(rng, count) for count in counts)


def valid(rng, grammar):
    label = lambda: rng.choice(LABELS[:11])  # noqa: E731
    items = range(rng.randrange(1, 5))
    if grammar == "text":
        return " ".join(label() for _ in items)
    if grammar == "quads":
        return "".join(label() + quad(rng) for _ in items)
    if grammar == "proposals":
        return "".join(locs(rng, 4) for _ in items)
    if grammar == "polygons":
        body = polygon(rng, [2 * rng.randrange(3, 9) for _ in range(rng.randrange(1, 4))])
        return rng.choice([body, f"<poly>{body}</poly>"])
    if grammar == "boxes_or_polygons" and rng.random() < 0.5:
        return "".join(
            label() + "".join(f"<poly>{polygon(rng, [6, 8][: rng.randrange(1, 3)])}</poly>" for _ in range(rng.randrange(1, 3)))
            for _ in items
        )
    return "".join(label() + locs(rng, 4 * rng.randrange(1, 3)) for _ in items)


def malformed(rng, grammar):
    """A valid answer with parts cut out, put in or repeated, as models under pressure write them."""
    parts = re.findall(r"<[^<>]*>|[^<]+|<", valid(rng, grammar))
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(parts) + 1)
        action = rng.randrange(3)
        if action == 0 and parts:
            del parts[at : at + rng.randrange(1, 4)]
        elif action == 1:
            parts.insert(at, rng.choice(SOUP + LABELS))
        else:
            parts[at:at] = parts[at : at + rng.randrange(1, 5)]
    return "".join(parts)


def soup(rng, _grammar):
    choose = [lambda: rng.choice(SOUP), lambda: rng.choice(LABELS), lambda: locs(rng, rng.randrange(1, 10))]
    return "".join(rng.choice(choose)() for _ in range(rng.randrange(0, 14)))


def wrap(rng, text):
    return rng.choice(["", "</s><s>", "</s><s>", "</s><s><s><s>"]) + text + rng.choice(["", "</s>", "</s><pad>"])


def compact(value):
    """Floats that came from float32 in the fewest digits that give the same float32."""
    if isinstance(value, float):
        return json.loads(str(np.float32(value)))
    if isinstance(value, (list, tuple)):
        return [compact(each) for each in value]
    return value


def quantised(rng):
    """Coordinates and their bins, for src/caption/region.ts."""
    processor = Florence2PostProcessor({}, type("Tokenizer", (), {"all_special_tokens": []})())
    rows = []
    for width, height in SIZES:
        xs = [rng.uniform(-5, width + 5) for _ in range(8)] + [float(rng.randrange(width + 1)) for _ in range(8)]
        values = torch.tensor([[x, x * height / width] for x in xs], dtype=torch.float32)
        bins = processor.quantize(values, (width, height))
        rows.append([width, height, compact(values.flatten().tolist()), bins.flatten().tolist()])
    return rows


def main():
    rng = random.Random(SEED)
    banned = banned_phrases()
    assert len(banned) == 72, len(banned)
    processor, remote = native_processor(banned), RemoteParser(banned)
    cases = []
    for grammar in TASKS:
        for index in range(CASES_PER_GRAMMAR):
            make = [valid, malformed, malformed, soup][index % 4]
            text = wrap(rng, make(rng, grammar))
            size = rng.choice(SIZES)
            threshold = rng.choice([0, 0.01, 0.05]) if grammar == "quads" else 0
            cases.append(
                [
                    grammar,
                    *size,
                    threshold,
                    text,
                    compact(remote.parse(grammar, text, size, threshold)),
                    native(processor, grammar, text, size, threshold),
                ]
            )
    fixture = {
        "transformers": transformers.__version__,
        "columns": ["grammar", "width", "height", "threshold", "answer", "remote", "native"],
        "cases": cases,
        "quantised": quantised(rng),
    }
    lines = json.dumps(fixture, ensure_ascii=False, separators=(",", ":"))
    OUT.write_text(re.sub(r"(?<=\]),(?=\[\"(?:%s)\")" % "|".join(TASKS), ",\n", lines) + "\n")
    raised = sum(case[-1] is None for case in cases)
    print(f"{len(cases)} cases, {raised} of them errors of the native parser, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
