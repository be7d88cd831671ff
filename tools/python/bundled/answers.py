"""What there is to say about a scene: for every task of Florence-2 a question and its answer.

Answers follow the templates here and Florence-2's formats. Two rules shape the wording. Generation
forbids any three tokens to come twice, so no true answer may need that: each place has its own
phrase, and each sentence its own opening. And the order is always from left to right.
"""

import math
from dataclasses import dataclass
from random import Random

import numpy as np

from .scenes import LARGE, SMALL, Box, Scene, Thing, Word, extent, place

PROMPTS = {
    "<CAPTION>": "What does the image describe?",
    "<DETAILED_CAPTION>": "Describe in detail what is shown in the image.",
    "<MORE_DETAILED_CAPTION>": "Describe with a paragraph what is shown in the image.",
    "<OD>": "Locate the objects with category name in the image.",
    "<DENSE_REGION_CAPTION>": "Locate the objects in the image, with their descriptions.",
    "<REGION_PROPOSAL>": "Locate the region proposals in the image.",
    "<CAPTION_TO_PHRASE_GROUNDING>": "Locate the phrases in the caption: {input}",
    "<OPEN_VOCABULARY_DETECTION>": "Locate {input} in the image.",
    "<REFERRING_EXPRESSION_SEGMENTATION>": "Locate {input} in the image with mask",
    "<REGION_TO_SEGMENTATION>": "What is the polygon mask of region {input}",
    "<REGION_TO_CATEGORY>": "What is the region {input}?",
    "<REGION_TO_DESCRIPTION>": "What does the region {input} describe?",
    "<REGION_TO_OCR>": "What text is in the region {input}?",
    "<OCR>": "What is the text in the image?",
    "<OCR_WITH_REGION>": "What is the text in the image, with regions?",
}

PLACES = {
    (0, 0): "in the top left",
    (1, 0): "at the top",
    (2, 0): "in the upper right",
    (0, 1): "on the left",
    (1, 1): "in the middle",
    (2, 1): "on the right",
    (0, 2): "in the lower left",
    (1, 2): "at the bottom",
    (2, 2): "in the bottom right",
}

SHORT_PLACES = {cell: phrase.split(" the ")[1] for cell, phrase in PLACES.items()}

COUNTS = ("no", "one", "two", "three")

PLURALS = {"fish": "fish", "mouse": "mice", "scissors": "scissors", "glasses": "glasses"}
"""That no rule gives."""

OUTLINE_POINTS = 16
OUTLINE_QUANTILE = 0.95
"""An outline has a point in each of 16 directions from the box's centre, where 95 % of the thing in
that direction lie inside. It covers the drawings with a mean IoU of 0.83, and is learnt easily."""

LOCATIONS = 1000


@dataclass(frozen=True)
class Answer:
    task: str
    input: str | None
    text: str

    @property
    def prompt(self) -> str:
        return PROMPTS[self.task].replace("{input}", self.input or "")


def location(value: float) -> str:
    return f"<loc_{min(LOCATIONS - 1, max(0, int(value * LOCATIONS)))}>"


def locations(box: Box) -> str:
    return "".join(map(location, box))


def nudged(box: Box, random: Random) -> Box:
    """As somebody would draw it: a little beside the true box."""
    width, height = box[2] - box[0], box[3] - box[1]
    shift = [random.gauss(0, 0.02) for _ in box]
    left, top, right, bottom = (edge + part * span for edge, part, span in zip(box, shift, (width, height) * 2))
    return left, top, right, bottom


def quad(box: Box) -> str:
    left, top, right, bottom = box
    return "".join(map(location, (left, top, right, top, right, bottom, left, bottom)))


def plural(name: str) -> str:
    if name in PLURALS:
        return PLURALS[name]
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


def with_article(phrase: str) -> str:
    if phrase.split()[-1] in ("scissors", "glasses"):
        return phrase
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def listed(phrases: list[str]) -> str:
    """At most four; "then" keeps a phrase's end, a comma and "a" from coming twice."""
    if len(phrases) == 4:
        phrases = [phrases[0], phrases[1], "then " + phrases[2], phrases[3]]
    return phrases[0] if len(phrases) == 1 else ", ".join(phrases[:-1]) + " and " + phrases[-1]


def sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def sized(thing: Thing) -> str:
    size = extent(thing.box)
    return "small " + thing.name if size < SMALL else "large " + thing.name if size > LARGE else thing.name


def written(word: Word) -> str:
    return f'the word "{word.text}"'


def background(scene: Scene) -> str:
    return with_article(" and ".join(scene.background.names) + " background")


def groups(scene: Scene) -> list[list[Thing]]:
    """Things of one name together, in the order of the first of each."""
    found: dict[str, list[Thing]] = {}
    for thing in scene.things:
        found.setdefault(thing.name, []).append(thing)
    return list(found.values())


def subjects(scene: Scene) -> list[str]:
    return [
        with_article(group[0].name) if len(group) == 1 else f"{COUNTS[len(group)]} {plural(group[0].name)}"
        for group in groups(scene)
    ]


def seen(scene: Scene) -> list[str]:
    return subjects(scene) + ([written(scene.word)] if scene.word else [])


def caption(scene: Scene) -> str:
    if scene.background.kind == "mixed":
        return "An object on a mixed background."
    if not seen(scene):
        return f"An empty {' and '.join(scene.background.names)} background."
    return sentence(f"{listed(seen(scene))} on {background(scene)}.")


def detailed(scene: Scene) -> str:
    if not seen(scene):
        return caption(scene)
    parts = []
    for group in groups(scene):
        if len(group) == 1:
            parts.append(f"{with_article(sized(group[0]))} {PLACES[place(group[0].box)]}")
        else:
            places = listed([SHORT_PLACES[place(thing.box)] for thing in group])
            parts.append(f"{COUNTS[len(group)]} {plural(group[0].name)} at {places}")
    if scene.word:
        parts.append(f"{written(scene.word)} {PLACES[place(scene.word.box)]}")
    return f"The image shows {listed(parts)}, on {background(scene)}."


def relation(thing: Thing, other: Thing) -> str:
    """Of `thing` to `other`: left, right, above or below."""
    across = thing.box[0] + thing.box[2] - other.box[0] - other.box[2]
    down = thing.box[1] + thing.box[3] - other.box[1] - other.box[3]
    if abs(across) > abs(down):
        return "left" if across < 0 else "right"
    return "above" if down < 0 else "below"


SECOND = {"left": "left of", "right": "right of", "above": "above", "below": "below"}
THIRD = {"left": "To its left", "right": "To its right", "above": "Above it", "below": "Below it"}


def more_detailed(scene: Scene) -> str:
    if not seen(scene):
        return caption(scene)
    things = scene.things
    if len(groups(scene)) < len(things):
        return detailed(scene)
    sentences = [f"The image shows {listed(seen(scene))} on {background(scene)}."]
    if things:
        first = sized(things[0]).split()
        size = f"{first[0]} and " if len(first) > 1 else ""
        verb = "are" if with_article(things[0].name) == things[0].name else "is"
        sentences.append(f"The {things[0].name} {verb} {size}{PLACES[place(things[0].box)]}.")
    if len(things) > 1:
        position = SECOND[relation(things[1], things[0])]
        sentences.append(f"{sentence(with_article(sized(things[1])))} can be seen {position} the {things[0].name}.")
    if len(things) > 2:
        sentences.append(f"{THIRD[relation(things[2], things[1])]} there is {with_article(sized(things[2]))}.")
    if scene.word:
        sentences.append(f"The text stands {PLACES[place(scene.word.box)]}.")
    return " ".join(sentences)


def outline(thing: Thing, width: int, height: int) -> list[tuple[float, float]]:
    rows, columns = np.nonzero(thing.mask)
    left, top = thing.corner
    x0, y0, x1, y1 = thing.box
    middle_x, middle_y, half_x, half_y = (x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2
    x = ((columns + left + 0.5) / width - middle_x) / half_x
    y = ((rows + top + 0.5) / height - middle_y) / half_y
    sector = np.round(np.arctan2(x, -y) / (2 * math.pi) * OUTLINE_POINTS).astype(int) % OUTLINE_POINTS
    radius = np.hypot(x, y)
    points = []
    for i in range(OUTLINE_POINTS):
        inside = radius[sector == i]
        reach = float(np.quantile(inside, OUTLINE_QUANTILE)) if len(inside) else 0.05
        angle = 2 * math.pi * i / OUTLINE_POINTS
        points.append((middle_x + reach * math.sin(angle) * half_x, middle_y - reach * math.cos(angle) * half_y))
    return points


def polygon(thing: Thing, width: int, height: int) -> str:
    return "".join(location(x) + location(y) for x, y in outline(thing, width, height))


def boxes_by(phrase, things: list[Thing]) -> str:
    found: dict[str, str] = {}
    for thing in things:
        found[phrase(thing)] = found.get(phrase(thing), "") + locations(thing.box)
    return "".join(name + boxes for name, boxes in found.items())


class Answers:
    """Chooses and answers questions about scenes that were drawn at the given size."""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def about(self, scene: Scene, task: str, random: Random, width: int, height: int) -> Answer | None:
        """None if the task makes no sense for the scene."""
        things, word = scene.things, scene.word
        match task:
            case "<CAPTION>":
                return Answer(task, None, caption(scene))
            case "<DETAILED_CAPTION>":
                return Answer(task, None, detailed(scene))
            case "<MORE_DETAILED_CAPTION>":
                return Answer(task, None, more_detailed(scene))
            case "<OD>":
                return Answer(task, None, boxes_by(lambda thing: thing.name, things))
            case "<DENSE_REGION_CAPTION>":
                return Answer(task, None, boxes_by(sized, things))
            case "<REGION_PROPOSAL>":
                boxes = [thing.box for thing in things] + ([word.box] if word else [])
                return Answer(task, None, "".join(map(locations, boxes)))
            case "<OCR>":
                return Answer(task, None, word.text if word else "")
            case "<OCR_WITH_REGION>":
                return Answer(task, None, word.text + quad(word.box) if word else "")
            case "<REGION_TO_OCR>":
                if word is None:
                    return None
                region = locations(nudged(word.box, random))
                return Answer(task, region, word.text + region)
            case "<CAPTION_TO_PHRASE_GROUNDING>":
                return self.grounding(scene, random)
            case "<OPEN_VOCABULARY_DETECTION>":
                return self.open_vocabulary(scene, random)
        if not things:
            return None
        thing = random.choice(things)
        region = locations(nudged(thing.box, random))
        match task:
            case "<REGION_TO_CATEGORY>":
                return Answer(task, region, thing.name + region)
            case "<REGION_TO_DESCRIPTION>":
                described = f"{with_article(sized(thing))} {PLACES[place(thing.box)]}"
                return Answer(task, region, described + region)
            case "<REGION_TO_SEGMENTATION>":
                return Answer(task, region, polygon(thing, width, height))
            case "<REFERRING_EXPRESSION_SEGMENTATION>":
                alone = [group[0] for group in groups(scene) if len(group) == 1]
                if not alone:
                    return None
                thing = random.choice(alone)
                phrase = with_article(thing.name) if random.random() < 0.7 else thing.name
                return Answer(task, phrase, polygon(thing, width, height))
        raise ValueError(f"expected a task of Florence-2, got {task}")

    def grounding(self, scene: Scene, random: Random) -> Answer | None:
        task = "<CAPTION_TO_PHRASE_GROUNDING>"
        if not scene.things:
            return None
        named = list(zip(subjects(scene), groups(scene)))
        if random.random() < 0.5:
            text = caption(scene)
            named[0] = (sentence(named[0][0]), named[0][1])
        else:
            named = [pair for pair in named if random.random() < 0.6] or named[:1]
            text = listed([phrase for phrase, _ in named])
        found = [phrase + "".join(locations(thing.box) for thing in group) for phrase, group in named]
        return Answer(task, text, "".join(found))

    def open_vocabulary(self, scene: Scene, random: Random) -> Answer:
        """One time in six the thing is not there, and nothing is the right answer."""
        task = "<OPEN_VOCABULARY_DETECTION>"
        found = groups(scene)
        if not found or random.random() < 0.17:
            there = {group[0].name for group in found}
            absent = random.choice([name for name in self.names if name not in there])
            return Answer(task, with_article(absent) if random.random() < 0.5 else absent, "")
        group = random.choice(found)
        name = group[0].name
        phrase = with_article(name) if random.random() < 0.5 else name
        return Answer(task, phrase, phrase + "".join(locations(thing.box) for thing in group))
