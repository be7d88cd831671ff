"""Scenes: what is in a picture, by chance, and the picture drawn from that.

Lengths are fractions of the picture's sides unless said otherwise; y points down. A scene is drawn
at any size: small for training, larger for samples and evaluation.
"""

import math
from dataclasses import dataclass, field
from random import Random

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch.nn import functional as F

from .assets import FONTS, STRANGER, Assets, held_out

COLOURS = {
    "white": (245, 245, 243),
    "black": (22, 22, 24),
    "grey": (132, 134, 136),
    "red": (205, 40, 42),
    "orange": (244, 140, 36),
    "yellow": (248, 218, 60),
    "green": (52, 150, 62),
    "lime": (160, 220, 110),
    "cyan": (140, 210, 240),
    "blue": (38, 84, 196),
    "purple": (124, 58, 170),
    "pink": (246, 156, 192),
    "brown": (122, 78, 46),
}
"""Twelve that are told apart easily, and grey."""

MIXED = "mixed"
"""The background of a picture with no plain ground, as a photograph is."""

TOO_ALIKE = ({"lime", "green"}, {"cyan", "blue"}, {"orange", "yellow"}, {"white", "grey"}, {"black", "grey"})
"""Not two halves of one background: their border could not be told."""

CELL_EDGES = (0.38, 0.62)
EDGE_MARGIN = 0.025
"""Between left, middle and right; no centre comes this near to an edge."""

SMALL, LARGE, SIZE_MARGIN = 0.27, 0.43, 0.015
"""Square root of the box's area, where the size words change, and the gap around it."""

RELATION_MARGIN = 0.07
"""Two things are left or right of each other if this much more apart across than down."""

SOLID = 0.35
"""Alpha from which a pixel belongs to the thing."""

NOISE_SHARE = 0.12
"""Of pictures without a plain ground: nothing but noise, coarse or fine."""

WORD_LINE = 0.74
"""Height of a capital letter over the font's size."""

LARGEST = (0.95, 0.95, 0.66, 0.50, 0.44, 0.42, 0.40, 0.37, 0.35, 0.33)
"""Size of the largest thing, by how many things and words share the picture."""

CROWD, CROWD_WORDS = (3, 4, 5, 5, 6), (0, 1, 2, 2, 3)
"""Of a crowded picture. It teaches to see several times as fast as one with a single thing."""

Box = tuple[float, float, float, float]


@dataclass
class Thing:
    name: str
    sprite: int
    x: float
    y: float
    size: float
    """Of the sprite's side, over the picture's shorter side."""
    angle: float
    flipped: bool
    box: Box = (0, 0, 0, 0)
    mask: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), bool))
    corner: tuple[int, int] = (0, 0)
    """Where the mask's first pixel lies, as column and row."""

    @property
    def known(self) -> bool:
        return self.name != STRANGER


@dataclass
class Word:
    text: str
    font: str
    x: float
    y: float
    height: float
    """Of a capital letter, over the picture's shorter side."""
    angle: float
    colour: tuple[int, int, int]
    box: Box = (0, 0, 0, 0)
    letters: list[tuple[float, float]] = field(default_factory=list)
    """Centre of each letter."""


@dataclass
class Background:
    kind: str
    """plain, shade, split, gradient, texture or mixed."""
    names: tuple[str, ...]
    colours: list[tuple[float, float, float]]
    edge: float
    seed: int


@dataclass
class Scene:
    aspect: float
    """Width over height."""
    background: Background
    things: list[Thing]
    words: list[Word]
    crowded: bool = False

    @property
    def word(self) -> Word | None:
        """There is at most one, unless the scene is crowded."""
        return self.words[0] if self.words else None

    @property
    def unit(self) -> tuple[float, float]:
        """Width and height in units of the shorter side."""
        return (self.aspect, 1.0) if self.aspect >= 1 else (1.0, 1 / self.aspect)


@dataclass(frozen=True)
class Recipe:
    """What kinds of scene are drawn, and how often."""

    counts: tuple[float, float, float, float] = (0.05, 0.29, 0.36, 0.30)
    """Chance of no, one, two and three things."""
    strange: float = 0.15
    """Chance that a thing is a stranger."""
    alike: float = 0.16
    """Chance that two things of a scene are the same."""
    word: float = 0.35
    mixed: float = 0.05
    textures: bool = True
    crowded: float = 0.0
    """Chance of many things and words at once, about which nothing could be said in a sentence."""
    unseen: bool = False
    """Words and strangers that training does not see."""
    name: str | None = None
    """A thing that must be there."""
    text: str | None = None
    """What the word must be."""


def cell(value: float) -> int:
    return 0 if value < CELL_EDGES[0] else 2 if value > CELL_EDGES[1] else 1


def place(box: Box) -> tuple[int, int]:
    return cell((box[0] + box[2]) / 2), cell((box[1] + box[3]) / 2)


def extent(box: Box) -> float:
    return math.sqrt((box[2] - box[0]) * (box[3] - box[1]))


def near_edge(value: float) -> bool:
    return any(abs(value - edge) < EDGE_MARGIN for edge in CELL_EDGES)


class SceneMaker:
    def __init__(self, assets: Assets) -> None:
        self.assets = assets
        self.training_words = [w for w in assets.words if not held_out(w)]
        self.unseen_words = [w for w in assets.words if held_out(w)]

    def make(self, random: Random, recipe: Recipe) -> Scene:
        while True:
            scene = self.attempt(random, recipe)
            if scene is not None:
                return scene

    def attempt(self, random: Random, recipe: Recipe) -> Scene | None:
        crowded = random.random() < recipe.crowded
        count = random.choices(range(len(recipe.counts)), recipe.counts)[0]
        words = int(random.random() < recipe.word)
        if crowded:
            count, words = random.choice(CROWD), random.choice(CROWD_WORDS)
        mixed = random.random() < recipe.mixed
        aspect = 1.0 if random.random() < 0.5 else math.exp(random.uniform(math.log(0.66), math.log(1.5)))
        if mixed:
            count = words = 0
        scene = Scene(aspect, Background("plain", ("white",), [], 0, 0), [], [], crowded)
        names = random.sample(self.assets.names, count)
        for i in range(count):
            if random.random() < recipe.strange:
                names[i] = STRANGER
        if recipe.name is not None and count:
            names[0] = recipe.name
        if count > 1 and random.random() < recipe.alike:
            names[1] = names[0]
        taken: list[Box] = []
        for _ in range(words):
            word = self.place_word(random, recipe, scene, count, taken)
            if word is None:
                return None
            scene.words.append(word)
            taken.append(word.box)
        for name in names:
            thing = self.place_thing(random, recipe, scene, name, count + words, taken)
            if thing is None:
                return None
            scene.things.append(thing)
            taken.append(thing.box)
        scene.things.sort(key=lambda thing: thing.x)
        for one, other in () if crowded else zip(scene.things, scene.things[1:]):
            if abs(abs(one.x - other.x) - abs(one.y - other.y)) < RELATION_MARGIN:
                return None
        return scene if self.paint(random, scene, recipe, mixed) else None

    def place_thing(
        self,
        random: Random,
        recipe: Recipe,
        scene: Scene,
        name: str,
        crowd: int,
        taken: list[Box],
    ) -> Thing | None:
        strange = recipe.unseen and name == STRANGER
        sprite = random.choice(self.assets.unseen_strangers if strange else self.assets.by_name[name])
        drawn_width, drawn_height = self.assets.extents[sprite]
        across, down = scene.unit
        largest = LARGEST[crowd]
        for _ in range(30):
            size = math.exp(random.uniform(math.log(0.24), math.log(largest)))
            width, height = size * drawn_width / across, size * drawn_height / down
            apparent = math.sqrt(width * height)
            if not scene.crowded and min(abs(apparent - SMALL), abs(apparent - LARGE)) < SIZE_MARGIN:
                continue
            spot = free_spot(random, width, height, taken, scene.crowded)
            if spot is not None:
                x, y = spot
                box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
                angle = math.radians(random.gauss(0, 7))
                return Thing(name, sprite, x, y, size, angle, random.random() < 0.5, box)
        return None

    def place_word(
        self, random: Random, recipe: Recipe, scene: Scene, things: int, taken: list[Box]
    ) -> Word | None:
        # By length first, for short words to be read as well as long ones, of which there are more.
        words = self.unseen_words if recipe.unseen else self.training_words
        length = len(recipe.text) if recipe.text else random.randint(3, 8)
        text = recipe.text or random.choice(words)
        while len(text) != length:
            text = random.choice(words)
        font = random.choice(FONTS)
        advances = self.assets.advances(font)
        total = sum(advances[letter] for letter in text)
        across, down = scene.unit
        for _ in range(20):
            # In a picture 192 pixels wide a letter is some 14 to 30 wide, so that it can be read.
            width = length * random.uniform(0.073, 0.15 if things < 2 else 0.11)
            if width > 0.95:
                continue
            height = width * across * WORD_LINE / total
            if not 0.07 < height < 0.3:
                continue
            spot = free_spot(random, width, height * 1.25 / down, taken, scene.crowded)
            if spot is None:
                continue
            x, y = spot
            half = height * 0.62 / down
            box = (x - width / 2, y - half, x + width / 2, y + half)
            return Word(text, font, x, y, height, math.radians(random.gauss(0, 2)), (0, 0, 0), box)
        return None

    def paint(self, random: Random, scene: Scene, recipe: Recipe, mixed: bool) -> bool:
        """Chooses colours on which everything can be seen."""
        for _ in range(30):
            kind = random.choices(
                ("plain", "shade", "split", "gradient", "texture"),
                (0.36, 0.16, 0.14, 0.14, 0.20 if recipe.textures else 0.0),
            )[0]
            names = [random.choice(list(COLOURS))]
            if kind in ("split", "gradient"):
                names.append(random.choice(list(COLOURS)))
                if names[0] == names[1] or set(names) in TOO_ALIKE:
                    continue
            colours = [jitter(random, COLOURS[name]) for name in names]
            if kind == "shade":
                colours.append(tuple(v * random.uniform(0.92, 1.08) for v in colours[0]))
            if not all(
                np.abs(self.assets.mean_colours[thing.sprite] - colour).sum() > 75
                for thing in scene.things
                for colour in colours
            ):
                continue
            seed = random.randrange(1 << 30)
            scene.background = Background(kind, tuple(names), colours, random.uniform(0.35, 0.65), seed)
            if mixed:
                scene.background = Background(MIXED, (MIXED,), colours, 0, seed)
            readable = [c for c in COLOURS.values() if all(contrast(c, b) > 110 for b in colours)]
            if scene.words and not readable:
                continue
            for word in scene.words:
                word.colour = random.choice(readable)
            return True
        return False

    def draw(self, scene: Scene, width: int, height: int) -> torch.Tensor:
        """[3, height, width], 0 to 1. Also sets boxes, masks and letters as they were drawn."""
        picture = torch.from_numpy(draw_background(scene.background, width, height))
        for thing in scene.things:
            self.draw_thing(picture, scene, thing)
        for word in scene.words:
            self.draw_word(picture, scene, word)
        return picture

    def draw_thing(self, picture: torch.Tensor, scene: Scene, thing: Thing) -> None:
        height, width = picture.shape[1:]
        across, down = scene.unit
        cosine, sine = math.cos(thing.angle), math.sin(thing.angle)
        reach = thing.size * (abs(cosine) + abs(sine)) / 2
        window = pixel_window(thing.x, thing.y, reach / across, reach / down, width, height)
        left, top, right, bottom = window
        x = ((torch.arange(left, right) + 0.5) / width - thing.x) * across * 2 / thing.size
        y = ((torch.arange(top, bottom) + 0.5) / height - thing.y) * down * 2 / thing.size
        u = x[None] * cosine + y[:, None] * sine
        v = y[:, None] * cosine - x[None] * sine
        grid = torch.stack([-u if thing.flipped else u, v], -1)
        finest = max(thing.size / across * width, thing.size / down * height)
        sprite = self.assets.scaled(thing.sprite, power_of_two(finest))
        patch = F.grid_sample(sprite[None], grid[None], mode="bilinear", align_corners=False)[0]
        blend(picture, window, patch[:3], patch[3])
        thing.mask = (patch[3] > SOLID).numpy()
        thing.corner = (left, top)
        thing.box = drawn_box(thing.mask, left, top, width, height)

    def draw_word(self, picture: torch.Tensor, scene: Scene, word: Word) -> None:
        height, width = picture.shape[1:]
        across, down = scene.unit
        tallest = max(word.height / across * width, word.height / down * height)
        font = self.assets.font(word.font, min(400, max(8, round(tallest / WORD_LINE))))
        box = font.getbbox(word.text)
        ink = Image.new("L", (box[2] - box[0] + 4, box[3] - box[1] + 4))
        ImageDraw.Draw(ink).text((2 - box[0], 2 - box[1]), word.text, fill=255, font=font)
        alpha = torch.from_numpy(np.array(ink, np.float32) / 255)[None, None]
        # One pixel of ink, in units of the picture's shorter side.
        pixel = word.height / (box[3] - box[1])
        half_width, half_height = ink.width * pixel / 2, ink.height * pixel / 2
        cosine, sine = math.cos(word.angle), math.sin(word.angle)
        reach_x = half_width * abs(cosine) + half_height * abs(sine)
        reach_y = half_height * abs(cosine) + half_width * abs(sine)
        window = pixel_window(word.x, word.y, reach_x / across, reach_y / down, width, height)
        left, top, right, bottom = window
        x = ((torch.arange(left, right) + 0.5) / width - word.x) * across
        y = ((torch.arange(top, bottom) + 0.5) / height - word.y) * down
        u = (x[None] * cosine + y[:, None] * sine) / half_width
        v = (y[:, None] * cosine - x[None] * sine) / half_height
        patch = F.grid_sample(alpha, torch.stack([u, v], -1)[None], align_corners=False)[0, 0]
        colour = torch.tensor(word.colour)[:, None, None] / 255
        blend(picture, window, colour * patch, patch)
        word.box = drawn_box((patch > SOLID).numpy(), left, top, width, height)
        advances = self.assets.advances(word.font)
        total = sum(advances[letter] for letter in word.text)
        word.letters = []
        passed = 0.0
        for letter in word.text:
            along = ((passed + advances[letter] / 2) / total * 2 - 1) * half_width
            passed += advances[letter]
            word.letters.append((word.x + along * cosine / across, word.y + along * sine / down))


def free_spot(
    random: Random, width: float, height: float, taken: list[Box], crowded: bool
) -> tuple[float, float] | None:
    if width > 0.97 or height > 0.97:
        return None
    for _ in range(8):
        x, y = random.uniform(width / 2, 1 - width / 2), random.uniform(height / 2, 1 - height / 2)
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        if any(overlap(box, other) for other in taken):
            continue
        if crowded or not (near_edge(x) or near_edge(y) or any(confusable(box, other) for other in taken)):
            return x, y
    return None


def overlap(a: Box, b: Box) -> bool:
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    return across > 0.01 and down > 0.01


def confusable(a: Box, b: Box) -> bool:
    """The same place, or one so closely above the other that their order could not be told."""
    return place(a) == place(b) or abs(a[0] + a[2] - b[0] - b[2]) < 0.1


def jitter(random: Random, colour: tuple[int, int, int]) -> tuple[float, float, float]:
    return tuple(min(255.0, max(0.0, v + random.gauss(0, 9))) for v in colour)


def contrast(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Difference of brightness, 0 to 255."""
    return abs(sum(w * (x - y) for w, x, y in zip((0.299, 0.587, 0.114), a, b)))


def power_of_two(size: float) -> int:
    return 1 << max(5, math.ceil(math.log2(max(size, 1) * 0.7)))


def pixel_window(
    x: float, y: float, reach_x: float, reach_y: float, width: int, height: int
) -> tuple[int, int, int, int]:
    left, right = max(0, int((x - reach_x) * width)), min(width, int((x + reach_x) * width) + 1)
    top, bottom = max(0, int((y - reach_y) * height)), min(height, int((y + reach_y) * height) + 1)
    return left, top, right, bottom


def blend(picture: torch.Tensor, window: tuple[int, int, int, int], colour: torch.Tensor, alpha: torch.Tensor) -> None:
    """`colour` is premultiplied."""
    left, top, right, bottom = window
    under = picture[:, top:bottom, left:right]
    under.mul_(1 - alpha).add_(colour)


def drawn_box(mask: np.ndarray, left: int, top: int, width: int, height: int) -> Box:
    columns, rows = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    return (
        (left + int(columns[0])) / width,
        (top + int(rows[0])) / height,
        (left + int(columns[-1]) + 1) / width,
        (top + int(rows[-1]) + 1) / height,
    )


def draw_background(background: Background, width: int, height: int) -> np.ndarray:
    """[3, height, width] float32, 0 to 1."""
    if background.kind == MIXED:
        return draw_clutter(background.seed, width, height)
    first = np.array(background.colours[0], np.float32)[:, None, None] / 255
    if background.kind in ("plain", "texture"):
        picture = np.broadcast_to(first, (3, height, width)).copy()
        return picture if background.kind == "plain" else picture + draw_texture(background.seed, width, height)
    second = np.array(background.colours[1], np.float32)[:, None, None] / 255
    down = (np.arange(height, dtype=np.float32)[None, :, None] + 0.5) / height
    share = (down > background.edge).astype(np.float32) if background.kind == "split" else down
    return np.broadcast_to(first * (1 - share) + second * share, (3, height, width)).copy()


def draw_texture(seed: int, width: int, height: int) -> np.ndarray:
    """[1, height, width] of small differences: cloth, stripes or grain."""
    random = np.random.default_rng(seed)
    strength = random.uniform(0.02, 0.06)
    kind = random.integers(3)
    if kind == 0:
        return smooth_noise(random, int(random.integers(4, 32)), width, height)[None] * strength
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    if kind == 1:
        angle, waves = random.uniform(0, math.pi), random.uniform(4, 24)
        phase = (x / width * math.cos(angle) + y / height * math.sin(angle)) * waves
        return (np.sin(2 * math.pi * phase) * strength)[None].astype(np.float32)
    grain = random.standard_normal((height, width), np.float32)
    return grain[None] * strength * 0.7


def smooth_noise(random: np.random.Generator, cells: int, width: int, height: int) -> np.ndarray:
    """[height, width], about -1.5 to 1.5."""
    coarse = torch.from_numpy(random.standard_normal((1, 1, cells, cells), np.float32))
    return F.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)[0, 0].numpy()


def draw_clutter(seed: int, width: int, height: int) -> np.ndarray:
    """What a photograph looks like from far away: shapes behind shapes, shading, grain.

    After the dead-leaves model of natural images: sizes follow a power law, later leaves hide earlier.
    """
    random = np.random.default_rng(seed)
    if random.random() < NOISE_SHARE:
        side = int(random.integers(24, 256))
        cells = torch.from_numpy(random.random((1, 3, side, side), np.float32))
        return F.interpolate(cells, (height, width), mode="nearest")[0].numpy()
    palette = random.uniform(0, 255, (int(random.integers(3, 9)), 3))
    palette = palette.mean(1, keepdims=True) + (palette - palette.mean(1, keepdims=True)) * random.uniform(0.1, 1)
    side = 128
    leaves = Image.new("RGB", (side, side), tuple(palette[0].astype(int)))
    pen = ImageDraw.Draw(leaves)
    for _ in range(int(random.integers(8, 120))):
        colour = np.clip(palette[random.integers(len(palette))] + random.normal(0, 25), 0, 255).astype(int)
        radius = min(side * 0.7, 4 / random.uniform(0.03, 1))
        x, y = random.uniform(0, side, 2)
        stretch = random.uniform(0.4, 2.5)
        if random.random() < 0.5:
            pen.ellipse((x - radius * stretch, y - radius, x + radius * stretch, y + radius), tuple(colour))
        else:
            corners = random.uniform(-radius, radius, (int(random.integers(3, 7)), 2)) * (stretch, 1) + (x, y)
            pen.polygon([tuple(c) for c in corners], tuple(colour))
    leaves = leaves.resize((width, height), Image.Resampling.BICUBIC)
    picture = np.asarray(leaves, np.float32).transpose(2, 0, 1) / 255
    for cells, strength in ((3, 0.10), (12, 0.05), (40, 0.04)):
        picture = picture + smooth_noise(random, cells, width, height) * strength * random.uniform(0, 1.5)
    if random.random() < 0.5:
        blurred = F.avg_pool2d(torch.from_numpy(picture).float()[None], 5, 1, 2, count_include_pad=False)
        picture = blurred[0].numpy()
    grain = random.standard_normal((3, height, width), np.float32) * random.uniform(0, 0.06)
    return np.clip(picture + grain, 0, 1).astype(np.float32)


def perturb(picture: torch.Tensor, random: Random) -> torch.Tensor:
    """Small changes of exposure, grain and sharpness, as pictures from anywhere have them."""
    picture = (picture - 0.5) * random.uniform(0.9, 1.08) + 0.5 + random.uniform(-0.04, 0.04)
    if random.random() < 0.35:
        generator = torch.Generator().manual_seed(random.randrange(1 << 30))
        picture = picture + torch.randn(picture.shape, generator=generator) * random.uniform(0.005, 0.025)
    if random.random() < 0.2:
        picture = F.avg_pool2d(F.pad(picture[None], (1, 1, 1, 1), "replicate"), 3, 1)[0]
    return picture.clamp(0, 1)
