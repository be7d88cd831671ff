"""Beam search by the scorer of transformers <= 4.49: run by make_florence2_fixtures.py.

    python classic_beams.py FOLDER

Reads FOLDER/jobs.json and FOLDER/RECIPE.npz, writes FOLDER/classic.json. Florence-2's language model
is BART, so BartForConditionalGeneration with inputs_embeds is the same computation; its
final_logits_bias is the remote code's.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import BartConfig, BartForConditionalGeneration, GenerationConfig

from oracle.jobs import BeamJob, read_jobs
from oracle.noise import add_noise
from oracle.search import EOS_ID, NO_REPEAT_NGRAM_SIZE, START_ID, BeamSettings, Sequence, cut_after_eos

LANGUAGE = "model.language_model."


def load_model(
    config: dict, state: dict[str, np.ndarray], dtype: torch.dtype
) -> BartForConditionalGeneration:
    """`state` by native names; only the language model's tensors are used."""
    text = {k: v for k, v in config["text_config"].items() if k not in _GENERATION_FIELDS}
    parsed = BartConfig(**text)
    parsed._attn_implementation = "eager"
    # The copies are set below; tying here would overwrite an lm_head of its own.
    parsed.tie_word_embeddings = False
    model = BartForConditionalGeneration(parsed).to(dtype)
    tensors = {
        "model." + name.removeprefix(LANGUAGE): values
        for name, values in state.items()
        if name.startswith(LANGUAGE)
    }
    shared = tensors["model.shared.weight"]
    for side in ("encoder", "decoder"):
        tensors[f"model.{side}.embed_tokens.weight"] = shared
    tensors["lm_head.weight"] = state.get("lm_head.weight", shared)
    rows = shared.shape[0]
    tensors["final_logits_bias"] = state.get("final_logits_bias", np.zeros((1, rows), np.float32))
    model.load_state_dict(
        {name: torch.from_numpy(values).to(dtype) for name, values in tensors.items()}, strict=True
    )
    model.generation_config = GenerationConfig()
    return model.eval()


@torch.no_grad()
def search(
    model: BartForConditionalGeneration,
    embeds: np.ndarray,
    max_new_tokens: int,
    settings: BeamSettings,
) -> list[Sequence]:
    config = GenerationConfig(
        max_new_tokens=max_new_tokens,
        do_sample=False,
        num_beams=settings.num_beams,
        num_return_sequences=settings.num_beams,
        early_stopping=settings.early_stopping,
        length_penalty=settings.length_penalty,
        no_repeat_ngram_size=NO_REPEAT_NGRAM_SIZE,
        decoder_start_token_id=START_ID,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=EOS_ID,
        forced_bos_token_id=0,
        forced_eos_token_id=EOS_ID,
        use_cache=True,
        return_dict_in_generate=True,
        output_scores=True,
    )
    inputs = torch.from_numpy(embeds)[None].to(model.dtype)
    out = model.generate(
        inputs_embeds=inputs,
        attention_mask=torch.ones(inputs.shape[:2], dtype=torch.long),
        generation_config=config,
    )
    return [
        Sequence(cut_after_eos(row.tolist()), score.item())
        for row, score in zip(out.sequences, out.sequences_scores, strict=True)
    ]


_GENERATION_FIELDS = ("num_beams", "early_stopping", "no_repeat_ngram_size", "model_type")


def run_job(job: BeamJob, embeds: np.ndarray, models: list[BartForConditionalGeneration]) -> dict:
    answers = []
    stable = True
    for settings in job.beams:
        plain, *others = (search(m, embeds, job.max_new_tokens, settings) for m in models)
        stable = stable and all([s.ids for s in plain] == [s.ids for s in o] for o in others)
        answers.append([vars(s) for s in plain])
    return {"case": job.case, "stable": stable, "beams": answers}


def run_jobs(
    folder: Path, load: Callable[[str], tuple[dict, dict[str, np.ndarray]]]
) -> list[dict]:
    """`load` gives config (native names) and state of a job's recipe."""
    answers: list[dict] = []
    loaded = ""
    for job in read_jobs(folder):
        if job.recipe != loaded:
            config, state = load(job.recipe)
            noisy = load_model(config, state, torch.float32)
            add_noise(noisy.lm_head, job.noise)
            models = [
                load_model(config, state, torch.float32),
                load_model(config, state, torch.float64),
                noisy,
            ]
            prompts = np.load(folder / f"{job.recipe}.npz")
            loaded = job.recipe
            print(f"classic: {loaded}", flush=True)
        answers.append(run_job(job, prompts[job.prompt_key], models))
    return answers


def _load_recipe_or_demo(name: str) -> tuple[dict, dict[str, np.ndarray]]:
    from oracle.checkpoint import native_state
    from oracle.demo import DEMO, load_demo
    from oracle.recipes import RECIPES

    if name == DEMO:
        return load_demo()
    recipe = next(r for r in RECIPES if r.name == name)
    return recipe.native_config(), native_state(recipe)


def main() -> None:
    folder = Path(sys.argv[1])
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    answers = run_jobs(folder, _load_recipe_or_demo)
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    (folder / "classic.json").write_text(json.dumps({"versions": versions, "cases": answers}))


if __name__ == "__main__":
    main()
