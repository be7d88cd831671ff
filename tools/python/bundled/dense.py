"""What the last map shall know, taught cell by cell while the model learns to see.

Text alone teaches a vision tower slowly: a caption is one remark about a whole picture. So each of
the 6 x 6 cells also learns, in finer parts of itself, which thing covers it, how far the thing
reaches, where its outline is and which letter stands there. The heads are thrown away afterwards.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .assets import STRANGER
from .scenes import COLOURS, MIXED, Scene
from .settings import MAP_SIDE, SIDE, STAGES

PARTS = 2
"""Of a cell, each way, for classes and boxes."""

MASK_PARTS = 8
"""Of a cell, each way, for outlines: 4 pixels each."""

LETTER_ROWS, LETTER_COLUMNS = 2, 4
"""Of a cell, for letters: slots 16 pixels high and 8 wide, so no slot has two letters."""

LETTERS = 27
"""Slot classes: no letter, then A to Z."""

GRID = MAP_SIDE * PARTS
COVERED = 0.3
"""Of a part, for it to belong to a thing."""

BACKGROUND_WEIGHT = 0.2
"""Of parts without a thing, of which there are several times more."""

BLANK_WEIGHT = 0.02
"""Of slots without a letter, of which there are a hundred times more."""

COLOUR_NAMES = [*COLOURS, MIXED]


@dataclass
class DenseTargets:
    classes: Tensor
    """[B, 12, 12] int64: 0 where there is nothing."""
    boxes: Tensor
    """[B, 12, 12, 4]: from the part's centre to left, top, right and bottom."""
    masks: Tensor
    """[B, 48, 48]"""
    letters: Tensor
    """[B, 12, 24] int64"""
    colours: Tensor
    """[B, 2] int64: upper and lower background."""

    def to(self, device: torch.device) -> "DenseTargets":
        return DenseTargets(*(value.to(device) for value in vars(self).values()))


class DenseTeacher:
    def __init__(self, names: list[str]) -> None:
        self.class_of = {name: i + 1 for i, name in enumerate([*names, STRANGER])}

    @property
    def classes(self) -> int:
        return len(self.class_of) + 1

    def targets(self, scenes: list[Scene]) -> DenseTargets:
        """Scenes as drawn at SIDE pixels."""
        count = len(scenes)
        classes = np.zeros((count, GRID, GRID), np.int64)
        boxes = np.zeros((count, GRID, GRID, 4), np.float32)
        masks = np.zeros((count, MAP_SIDE * MASK_PARTS, MAP_SIDE * MASK_PARTS), np.float32)
        letters = np.zeros((count, MAP_SIDE * LETTER_ROWS, MAP_SIDE * LETTER_COLUMNS), np.int64)
        colours = np.zeros((count, 2), np.int64)
        centres = (np.arange(GRID) + 0.5) / GRID
        x, y = np.meshgrid(centres, centres)
        for i, scene in enumerate(scenes):
            for thing in scene.things:
                full = np.zeros((SIDE, SIDE), np.float32)
                left, top = thing.corner
                rows, columns = thing.mask.shape
                full[top : top + rows, left : left + columns] = thing.mask
                masks[i] = np.maximum(masks[i], shrink(full, masks.shape[1]))
                covered = shrink(full, GRID) > COVERED
                covered[part_at((thing.box[1] + thing.box[3]) / 2), part_at((thing.box[0] + thing.box[2]) / 2)] = True
                classes[i][covered] = self.class_of[thing.name]
                reach = (x - thing.box[0], y - thing.box[1], thing.box[2] - x, thing.box[3] - y)
                boxes[i][covered] = np.stack(reach, -1)[covered]
            for word in scene.words:
                for letter, (at_x, at_y) in zip(word.text, word.letters):
                    row = min(letters.shape[1] - 1, max(0, int(at_y * letters.shape[1])))
                    column = min(letters.shape[2] - 1, max(0, int(at_x * letters.shape[2])))
                    letters[i, row, column] = 1 + ord(letter) - ord("A")
            names = scene.background.names
            colours[i] = COLOUR_NAMES.index(names[0]), COLOUR_NAMES.index(names[-1])
        return DenseTargets(*map(torch.from_numpy, (classes, boxes, masks, letters, colours)))


def part_at(value: float) -> int:
    return min(GRID - 1, int(value * GRID))


def shrink(mask: np.ndarray, side: int) -> np.ndarray:
    step = mask.shape[0] // side
    return mask.reshape(side, step, side, step).mean((1, 3))


@dataclass
class DenseWeights:
    classes: float = 1.5
    boxes: float = 1.0
    masks: float = 0.5
    letters: float = 1.0
    colours: float = 0.5


class DenseHeads(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        width = STAGES[-1]
        self.norm = nn.LayerNorm(width)
        self.classes = nn.Linear(width, PARTS**2 * classes)
        self.boxes = nn.Linear(width, PARTS**2 * 4)
        self.masks = nn.Linear(width, MASK_PARTS**2)
        self.letters = nn.Linear(width, LETTER_ROWS * LETTER_COLUMNS * LETTERS)
        self.colours = nn.Linear(width, 2 * len(COLOUR_NAMES))
        for layer in (self.classes, self.boxes, self.masks, self.letters, self.colours):
            nn.init.normal_(layer.weight, 0, 0.02)
            nn.init.zeros_(layer.bias)

    def forward(self, image_map: Tensor, targets: DenseTargets, weights: DenseWeights) -> tuple[Tensor, dict[str, Tensor]]:
        """[B, 6, 6, C] to a loss, and what to report."""
        x = self.norm(image_map)
        classes = unfold(self.classes(x), PARTS, PARTS).float()
        boxes = unfold(self.boxes(x), PARTS, PARTS).float()
        masks = unfold(self.masks(x), MASK_PARTS, MASK_PARTS)[..., 0].float()
        letters = unfold(self.letters(x), LETTER_ROWS, LETTER_COLUMNS).float()
        colours = self.colours(x.mean((1, 2))).float().unflatten(-1, (2, -1))

        covered = targets.classes > 0
        class_weight = torch.where(covered, 1.0, BACKGROUND_WEIGHT)
        class_loss = weighted_loss(classes, targets.classes, class_weight)
        box_error = F.smooth_l1_loss(boxes, targets.boxes, beta=0.05, reduction="none").sum(-1)
        box_loss = (box_error * covered).sum() / covered.sum().clamp(min=1)
        mask_loss = F.binary_cross_entropy_with_logits(masks, targets.masks)
        written = targets.letters > 0
        letter_loss = weighted_loss(letters, targets.letters, torch.where(written, 1.0, BLANK_WEIGHT))
        colour_loss = F.cross_entropy(colours.flatten(0, 1), targets.colours.flatten())
        loss = (
            weights.classes * class_loss
            + weights.boxes * box_loss
            + weights.masks * mask_loss
            + weights.letters * letter_loss
            + weights.colours * colour_loss
        )
        with torch.no_grad():
            report = {
                "class": rate(classes.argmax(-1) == targets.classes, covered),
                "box": (boxes - targets.boxes).abs().mean(-1)[covered].mean(),
                "mask": mask_loss.detach(),
                "letter": rate(letters.argmax(-1) == targets.letters, written),
                "colour": (colours.argmax(-1) == targets.colours).all(1).float().mean(),
            }
        return loss, report


def unfold(x: Tensor, rows: int, columns: int) -> Tensor:
    """[B, H, W, rows * columns * C] to [B, H * rows, W * columns, C]."""
    batch, height, width, _ = x.shape
    x = x.view(batch, height, width, rows, columns, -1).transpose(2, 3)
    return x.reshape(batch, height * rows, width * columns, -1)


def weighted_loss(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    losses = F.cross_entropy(logits.flatten(0, -2), targets.flatten(), reduction="none")
    return (losses * weights.flatten()).sum() / weights.sum()


def rate(right: Tensor, among: Tensor) -> Tensor:
    return right[among].float().mean()
