"""Pictures as the reference's CLIPImageProcessor prepares them through PIL, without torchvision."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
RESCALE = 0.00392156862745098


@dataclass(frozen=True)
class Picture:
    file: str
    width: int
    height: int
    # [1, 3, size, size] float32
    pixels: np.ndarray
    # sha256 of the resized RGB bytes, [size, size, 3] uint8
    rgb_sha256: str

    @property
    def pixels_sha256(self) -> str:
        return hashlib.sha256(self.pixels.astype("<f4").tobytes()).hexdigest()


def load_picture(folder: Path, file: str, size: int) -> Picture:
    """Resizes to exactly size x size, bicubic with antialiasing, aspect ratio not kept."""
    with Image.open(folder / file) as opened:
        picture = opened.convert("RGB")
    resized = np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC))
    scaled = (resized.astype(np.float64) * RESCALE).astype(np.float32)
    normalised = (scaled - MEAN) / STD
    return Picture(
        file=file,
        width=picture.width,
        height=picture.height,
        pixels=np.ascontiguousarray(normalised.transpose(2, 0, 1)[None]),
        rgb_sha256=hashlib.sha256(resized.tobytes()).hexdigest(),
    )
