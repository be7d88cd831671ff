"""Writes the fixtures of src/weights/torch-zip.test.ts with PyTorch itself.

    python tools/python/torch_zip.py

Each NAME.bin has a NAME.json beside it: what torch.load gives for it, as dtype, shape and the
little-endian bytes of the contiguous tensor in hexadecimal. Run it again only to add a case: the
bytes of an archive differ from one PyTorch version to the next.
"""

import collections
import json
import pathlib
import warnings

import torch

FOLDER = pathlib.Path(__file__).parents[2] / "src/weights/fixtures/torch-zip"
DTYPES = {
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float64: "F64",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
}


def describe(tensor):
    flat = tensor.detach().contiguous().flatten()
    raw = flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
    return {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "hex": raw.hex()}


def write(name, state, **options):
    torch.save(state, FOLDER / f"{name}.bin", **options)
    loaded = torch.load(FOLDER / f"{name}.bin", weights_only=False)
    expected = {key: describe(value) for key, value in loaded.items()}
    (FOLDER / f"{name}.json").write_text(json.dumps(expected, indent=1) + "\n")


class TinyModel(torch.nn.Module):
    """Submodules, a parameter, a buffer and a tied weight, as a real state dict has them."""

    def __init__(self):
        super().__init__()
        self.shared = torch.nn.Embedding(5, 4)
        self.convolution = torch.nn.Conv2d(3, 2, 3)
        self.norm = torch.nn.BatchNorm1d(4)
        self.lm_head = torch.nn.Linear(4, 5, bias=False)
        self.lm_head.weight = self.shared.weight


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(20240626)
    base = torch.arange(24, dtype=torch.float32)
    table = base.reshape(4, 6)

    write("dtypes", {DTYPES[d]: (torch.randn(2, 3) * 9).abs().to(d) for d in DTYPES})
    write(
        "views",
        collections.OrderedDict(
            whole=base,
            middle=base[5:11],
            rows=table[1:3],
            column=table[:, 2],
            transposed=table.t(),
            every_second=base[::2],
            permuted=base.reshape(2, 3, 4).permute(2, 0, 1),
            one_of_many=table[3:4],
        ),
    )
    write(
        "shapes",
        {
            "scalar": torch.tensor(2.5),
            "one": torch.ones(1),
            "empty": torch.empty(0),
            "empty_rows": torch.empty(0, 7, dtype=torch.float16),
            "empty_columns": torch.empty(3, 0),
            "eight_dimensions": torch.randn(1, 2, 1, 2, 1, 2, 1, 2),
        },
    )
    write("parameters", {"weight": torch.nn.Parameter(torch.randn(2, 2)),
                         "frozen": torch.nn.Parameter(torch.randn(3), requires_grad=False)})
    write("module", TinyModel().half().state_dict())
    write("module-f32", TinyModel().state_dict())
    for protocol in (2, 3, 4, 5):
        write(f"protocol-{protocol}", TinyModel().state_dict(), pickle_protocol=protocol)
    # More memo entries than one byte counts, so that LONG_BINPUT and LONG_BINGET occur.
    write("many", collections.OrderedDict(
        (f"layers.{i}.weight", torch.full((2,), i, dtype=torch.float16)) for i in range(120)))

    # Files that must be refused.
    torch.save(TinyModel().state_dict(), FOLDER / "legacy.bin",
               _use_new_zipfile_serialization=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(torch.nn.Linear(2, 2)).save(str(FOLDER / "torchscript.bin"))
    torch.save({"state_dict": {"weight": torch.ones(2)}, "epoch": 3}, FOLDER / "nested.bin")
    torch.save(torch.nn.Linear(2, 2), FOLDER / "whole-module.bin")
    torch.save({"mask": torch.tensor([True, False])}, FOLDER / "bool.bin")
    torch.save({"repeated": torch.ones(1).expand(1000)}, FOLDER / "expanded.bin")
    torch.save({"numpy": torch.ones(2).numpy()}, FOLDER / "numpy.bin")


if __name__ == "__main__":
    main()
