"""The drawings, words and fonts that `draw-assets.mjs` laid ready, as arrays."""

import json
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from string import ascii_uppercase

import numpy as np
import torch
from PIL import ImageFont
from torch.nn import functional as F

STRANGER = "object"
"""What every drawing is called that the model shall not know by name."""

HELD_OUT = 10
"""One in so many words and strangers is kept from training, for the evaluation."""

FONTS = ("roboto.ttf", "nunito.ttf", "merriweather.ttf")


def held_out(key: str) -> bool:
    return zlib.crc32(key.encode()) % HELD_OUT == 0


@dataclass(frozen=True)
class Sprite:
    name: str
    icon: str
    style: str


class Assets:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listing = json.loads((folder / "sprites.json").read_text())
        self.names: list[str] = listing["names"]
        self.sprites = [Sprite(s["name"] or STRANGER, s["icon"], s["style"]) for s in listing["sprites"]]
        self.side: int = listing["side"]
        pixels = np.memmap(folder / "sprites.bin", np.uint8, "r")
        self.pixels = pixels.reshape(len(self.sprites), self.side, self.side, 4)
        self.words: list[str] = [w for w in json.loads((folder / "words.json").read_text()) if spells(w)]

    @cached_property
    def by_name(self) -> dict[str, list[int]]:
        """Sprites of each thing; of strangers only those for training."""
        found: dict[str, list[int]] = {}
        for index, sprite in enumerate(self.sprites):
            if sprite.name != STRANGER or not held_out(sprite.icon):
                found.setdefault(sprite.name, []).append(index)
        return found

    @cached_property
    def unseen_strangers(self) -> list[int]:
        return [i for i, s in enumerate(self.sprites) if s.name == STRANGER and held_out(s.icon)]

    @cached_property
    def mean_colours(self) -> np.ndarray:
        """[sprites, 3], 0 to 255, weighted by alpha."""
        means = np.empty((len(self.sprites), 3), np.float32)
        for index in range(len(self.sprites)):
            small = self.pixels[index, ::4, ::4].astype(np.float32)
            alpha = small[..., 3:]
            means[index] = (small[..., :3] * alpha).sum((0, 1)) / max(alpha.sum(), 1)
        return means

    @cached_property
    def extents(self) -> np.ndarray:
        """[sprites, 2]: width and height of the drawn part, as fractions of the sprite."""
        alpha = self.pixels[:, ::2, ::2, 3] > 90
        return np.stack([alpha.any(1).mean(1), alpha.any(2).mean(1)], 1)

    @lru_cache(maxsize=4096)
    def scaled(self, index: int, across: int) -> torch.Tensor:
        """[4, side, side] float, premultiplied, halved until `across` pixels need no more."""
        rgba = torch.from_numpy(np.array(self.pixels[index])).permute(2, 0, 1).float() / 255
        rgba[:3] *= rgba[3]
        while rgba.shape[-1] >= 2 * across:
            rgba = F.avg_pool2d(rgba, 2)
        return rgba

    @lru_cache(maxsize=256)
    def font(self, name: str, size: int) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(self.folder / name), size)

    @lru_cache(maxsize=256)
    def advances(self, name: str) -> dict[str, float]:
        """Width of each capital over the font's size; kerning is too little to matter."""
        font = self.font(name, 100)
        return {letter: font.getlength(letter) / 100 for letter in ascii_uppercase}


def spells(word: str) -> bool:
    """Whether FloCap can say it letter by letter: generation forbids to repeat three tokens."""
    return len({word[i : i + 3] for i in range(len(word) - 2)}) == len(word) - 2
