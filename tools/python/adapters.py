"""Writes test/fixtures/adapters: LoRA adapters in every form that PEFT writes, and the merged answers.

    python adapters.py

Adapters are random, of values that float16 holds, and saved by PEFT itself. The answers are those of
`merge_and_unload` in float32. Before merging, the output matrix is made one of its own: merging into
the tied matrix would change the embeddings as well, which no forward pass of the adapter does.
"""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file

from checkpoint_forms import LENGTHS, PICTURES, PROMPTS, base_json, write_base
from forms.bases import BASES
from forms.reading import Question, answer, load
from oracle.demo import ROOT
from oracle.json_out import write_json
from oracle.noise import RANDOM_CHECKPOINT_NOISE, add_noise
from oracle.reference import deterministic
from oracle.tensors import microsoft_name

OUT = ROOT / "test" / "fixtures" / "adapters"
PREFIX = "base_model.model."
CASES = 10

ADAPTERS: dict[str, dict[str, Any]] = {
    "plain": {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"]},
    # What Roboflow's trainer asks for: the names that are none match nothing.
    "roboflow": {
        "r": 8,
        "lora_alpha": 8,
        "target_modules": ["q_proj", "o_proj", "k_proj", "v_proj", "linear", "Conv2d", "lm_head", "fc2"],
        "use_rslora": True,
        "init_lora_weights": "gaussian",
        "task_type": "CAUSAL_LM",
        "bias": "none",
    },
    "patterns": {
        "r": 4,
        "lora_alpha": 4,
        "target_modules": r".*\.(fc1|fc2|qkv|out_proj)",
        "rank_pattern": {"fc1": 2, "decoder.layers.1.fc2": 6},
        "alpha_pattern": {"qkv": 12, "fc2": 3},
    },
    "convolutions": {"r": 4, "lora_alpha": 6, "target_modules": r".*convs\.\d\.conv|.*image_projection"},
    "dora": {
        "r": 4,
        "lora_alpha": 8,
        "use_dora": True,
        "target_modules": r".*(q_proj|v_proj|fc1|proj|convs\.1\.conv)",
    },
    "modules-to-save": {
        "r": 2,
        "lora_alpha": 4,
        "target_modules": ["k_proj"],
        "modules_to_save": ["image_proj_norm", "layernorm_embedding"],
    },
    "biases": {"r": 2, "lora_alpha": 4, "target_modules": ["fc1", "fc2"], "bias": "lora_only"},
    "lora-bias": {"r": 2, "lora_alpha": 4, "target_modules": ["fc1", "out_proj"], "lora_bias": True},
    "microsoft": {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj", "qkv", "fc2"]},
}
TRAINED = ("lora_", "modules_to_save", "bias")


def randomise(model: PeftModel, name: str) -> None:
    """As after a training, in values that float16 holds: the saved file is small and exact."""
    generator = torch.Generator().manual_seed(sum(name.encode()))
    for key, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float32)
        if "magnitude" in key or "norm" in key or "modules_to_save" in key:
            values = parameter.data.float() * (1 + 0.2 * noise)
        else:
            values = 0.15 * noise
        parameter.data.copy_(values.half().to(parameter.dtype))


def save(model: PeftModel, folder: Path, *, microsoft: bool) -> None:
    model.save_pretrained(folder)
    tensors = load_file(folder / "adapter_model.safetensors")
    if microsoft:
        tensors = {_microsoft_key(key): value for key, value in tensors.items()}
    save_file({k: v.half().contiguous() for k, v in tensors.items()}, folder / "adapter_model.safetensors")
    (folder / "README.md").unlink(missing_ok=True)


def _microsoft_key(key: str) -> str:
    module, lora, rest = key.removeprefix(PREFIX).partition(".lora_")
    return PREFIX + microsoft_name(module + ".weight").removesuffix(".weight") + lora + rest


def untie(model: Any) -> None:
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    model.config.tie_word_embeddings = False


def merged(folder: Path, adapter: Path, dtype: torch.dtype) -> Any:
    model = load(folder, dtype)
    untie(model)
    wrapped = PeftModel.from_pretrained(model, adapter, autocast_adapter_dtype=False).to(dtype)
    return wrapped.merge_and_unload().eval()


def ask(askers: list[Callable[[Question], list[int]]], name: str) -> list[dict[str, Any]]:
    answers = []
    for number, prompt in enumerate(PROMPTS):
        for i, picture in enumerate(("scene-03.png", "scene-05.png")):
            question = Question(picture, prompt, LENGTHS[(number + i) % len(LENGTHS)])
            single, *others = (asker(question) for asker in askers)
            if any(other != single for other in others):
                print(f"{name}: a near tie")
                continue
            answers.append({**vars(question), "ids": single})
    return answers[:CASES]


def make(name: str, settings: dict[str, Any], scratch: Path) -> dict[str, Any]:
    folder = scratch / name
    # Native names: what is merged does not depend on what the file calls it.
    write_base(BASES["small"], folder, None)
    model = load(folder, torch.float32)
    wrapped = get_peft_model(model, LoraConfig(**settings))
    randomise(wrapped, name)
    native = scratch / f"{name}-adapter"
    save(wrapped, native, microsoft=False)
    models = [merged(folder, native, dtype) for dtype in (torch.float32, torch.float64, torch.float32)]
    add_noise(models[-1].lm_head, RANDOM_CHECKPOINT_NOISE)
    askers = [lambda q, model=model: answer(model, folder, PICTURES, q) for model in models]
    target = OUT / name
    shutil.rmtree(target, ignore_errors=True)
    save(wrapped, target, microsoft=name == "microsoft")
    config = json.loads((target / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = "microsoft/Florence-2-base"
    write_json(target / "adapter_config.json", config)
    plain = load(folder, torch.float32)
    answers = ask(askers, name)
    changed = sum(answer(plain, folder, PICTURES, Question(a["picture"], a["text"], a["max_new_tokens"])) != a["ids"] for a in answers)
    print(f"{name}: {len(answers)} answers, {changed} of them other than without it", flush=True)
    return {"name": name, "answers": answers}


def main() -> None:
    deterministic()
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        adapters = [make(name, settings, Path(scratch)) for name, settings in ADAPTERS.items()]
    write_json(
        OUT / "answers.json",
        {
            "reference": {
                "peft": peft.__version__,
                "transformers": transformers.__version__,
                "torch": torch.__version__,
            },
            "base": base_json(BASES["small"]),
            "adapters": adapters,
        },
    )


if __name__ == "__main__":
    main()
