"""A recipe as the checkpoint files that FloCap reads, byte for byte what the TypeScript twin writes.

safetensors: 8 bytes header length, JSON header padded with spaces to a multiple of 8, tensor data.
Tensors lie in the order of their names without gaps; values are little-endian.
"""

import hashlib
import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .portable import tensor_dtype, tensor_values
from .recipes import Recipe
from .tensors import is_transposed_in_microsoft_layout, list_tensors, microsoft_name


@dataclass(frozen=True)
class CheckpointFile:
    header: bytes
    data: bytes
    tensors: int
    parameters: int

    @property
    def data_sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def file_sha256(self) -> str:
        return hashlib.sha256(self.header + self.data).hexdigest()


def native_state(recipe: Recipe) -> dict[str, np.ndarray]:
    """Native name to float32 values, tied copies left out."""
    tensors = list_tensors(recipe.native_config(), recipe.untied_head, recipe.logits_bias)
    return {t.name: tensor_values(t, recipe.seed, recipe.dtype) for t in tensors}


def build_file(recipe: Recipe) -> CheckpointFile:
    """model.safetensors of a recipe, in its layout and dtype."""
    tensors = list_tensors(recipe.native_config(), recipe.untied_head, recipe.logits_bias)
    entries: dict[str, tuple[str, np.ndarray]] = {}
    for tensor in tensors:
        values = tensor_values(tensor, recipe.seed, recipe.dtype)
        name = tensor.name
        if recipe.layout == "microsoft":
            name = microsoft_name(tensor.name)
            if is_transposed_in_microsoft_layout(tensor.name):
                values = np.ascontiguousarray(values.T)
        entries[name] = (tensor_dtype(tensor, recipe.dtype), values)

    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    chunks: list[bytes] = []
    offset = 0
    for name in sorted(entries):
        dtype, values = entries[name]
        raw = _encode(values, dtype)
        header[name] = {
            "dtype": dtype,
            "shape": list(values.shape),
            "data_offsets": [offset, offset + len(raw)],
        }
        chunks.append(raw)
        offset += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return CheckpointFile(
        header=struct.pack("<Q", len(text)) + text,
        data=b"".join(chunks),
        tensors=len(entries),
        parameters=sum(values.size for _, values in entries.values()),
    )


def write_folder(recipe: Recipe, folder: Path) -> None:
    """config.json and model.safetensors: what from_pretrained needs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(recipe.config(), indent=2))
    file = build_file(recipe)
    (folder / "model.safetensors").write_bytes(file.header + file.data)


def _encode(values: np.ndarray, dtype: str) -> bytes:
    if dtype == "F32":
        return values.astype("<f4").tobytes()
    if dtype == "F64":
        return values.astype("<f8").tobytes()
    if dtype == "F16":
        halves = values.astype("<f2")
        assert np.array_equal(halves.astype(np.float32), values), "not exact in float16"
        return halves.tobytes()
    assert dtype == "BF16", dtype
    bits = values.astype("<f4").view("<u4")
    assert not np.any(bits & 0xFFFF), "not exact in bfloat16"
    return (bits >> 16).astype("<u2").tobytes()
