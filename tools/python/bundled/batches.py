"""Pictures for a step of training, and how hard they are by then.

A batch follows from the step and the member alone, so training resumed from a checkpoint sees
the same pictures as training that was never stopped.
"""

from dataclasses import dataclass, field
from random import Random

import torch
from torch import Tensor

from .assets import Assets
from .dense import DenseTargets, DenseTeacher, DenseWeights
from .scenes import Recipe, Scene, SceneMaker, perturb
from .settings import DEVIATION, MEAN, SIDE


@dataclass
class Progress:
    recipe: Recipe
    weights: DenseWeights
    dense: float = 1.0
    """How much the dense lessons count beside speech."""
    spread: float = 0.0
    """Standard deviation, in bins, of a location's soft target."""


@dataclass
class Batch:
    pixels: Tensor
    dense: DenseTargets
    scenes: list[Scene]
    random: Random = field(repr=False)


def curriculum(stage: str, seen: int, steps_left: int, decay: int) -> Progress:
    if stage == "see":
        # Boxes count once things have begun to be told apart: their gradients are larger and would
        # drown the classes.
        grown = min(1.0, max(0.0, (seen - 4_000) / 16_000))
        return Progress(Recipe(crowded=0.75), DenseWeights(boxes=0.3 + 1.7 * grown))
    # Blurred targets teach a thousand locations from few examples; sharp ones make boxes tight.
    ending = 1.0 if steps_left > decay else steps_left / decay
    spread = 1.5 + 3.5 * ending
    grown = min(1.0, seen / 80_000)
    # The crowded ones are for the dense lessons alone, which cost little.
    recipe = Recipe(word=0.42, crowded=0.25)
    return Progress(recipe, DenseWeights(boxes=2.0), dense=0.7 - 0.5 * grown, spread=spread)


class Batches:
    def __init__(self, assets: Assets, teacher: DenseTeacher, size: int, rank: int) -> None:
        self.maker = SceneMaker(assets)
        self.teacher = teacher
        self.size, self.rank = size, rank

    def make(self, step: int, progress: Progress) -> Batch:
        random = Random(f"{step} {self.rank}")
        scenes = [self.maker.make(random, progress.recipe) for _ in range(self.size)]
        pictures = [perturb(self.maker.draw(scene, SIDE, SIDE), random) for scene in scenes]
        pixels = normalise(torch.stack(pictures)).contiguous(memory_format=torch.channels_last)
        return Batch(pixels, self.teacher.targets(scenes), scenes, random)


def normalise(pictures: Tensor) -> Tensor:
    mean, deviation = (torch.tensor(v)[:, None, None] for v in (MEAN, DEVIATION))
    return (pictures - mean) / deviation
