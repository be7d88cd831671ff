"""A checkpoint as the model folder that FloCap and transformers read.

    python -m bundled.export --run RUN --out FOLDER

Weights are the running averages, in float16. Where transformers is installed it reads the folder,
and must compute the same logits as the network that was trained.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from bart import EOS

from .answers import PROMPTS
from .batches import normalise
from .network import Florence2
from .scenes import COLOURS
from .settings import DEVIATION, IMAGE_TOKENS, MEAN, SIDE, model_config
from .tokenizer import FLORENCE, IMAGE, LOCATIONS, MASK, Tokenizer
from .train import newest_checkpoint

GRAMMARS = {
    "<OCR>": "pure_text",
    "<OCR_WITH_REGION>": "ocr",
    "<CAPTION>": "pure_text",
    "<DETAILED_CAPTION>": "pure_text",
    "<MORE_DETAILED_CAPTION>": "pure_text",
    "<OD>": "description_with_bboxes",
    "<DENSE_REGION_CAPTION>": "description_with_bboxes",
    "<CAPTION_TO_PHRASE_GROUNDING>": "phrase_grounding",
    "<REFERRING_EXPRESSION_SEGMENTATION>": "polygons",
    "<REGION_TO_SEGMENTATION>": "polygons",
    "<OPEN_VOCABULARY_DETECTION>": "description_with_bboxes_or_polygons",
    "<REGION_TO_CATEGORY>": "pure_text",
    "<REGION_TO_DESCRIPTION>": "pure_text",
    "<REGION_TO_OCR>": "pure_text",
    "<REGION_PROPOSAL>": "bboxes",
}
"""How each task's answer is written, in the names of Florence-2's processor."""

TOLERANCE = 1e-3
"""Between two float32 computations of logits of about 10."""


CARD = Path(__file__).with_name("MODEL_CARD.md")
THINGS = Path(__file__).with_name("things.json")


def read_network(state: dict, tokenizer: Tokenizer) -> Florence2:
    """Of a checkpoint's modules.pt: in float32, with the values that float16 keeps."""
    network = Florence2(model_config(tokenizer.rows, tokenizer.image))
    prefix = "network."
    averages = state["averages"].items()
    found = {n.removeprefix(prefix): p.half().float() for n, p in averages if n.startswith(prefix)}
    missing = network.load_state_dict(found, strict=False).missing_keys
    if any("pos_idx_to_embed" not in name for name in missing):
        raise ValueError(f"the checkpoint lacks {missing}")
    return network.eval()


def write_model(network: Florence2, tokenizer_file: Path, out: Path) -> None:
    tokenizer = Tokenizer.read(tokenizer_file)
    out.mkdir(parents=True, exist_ok=True)
    weights = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    save_file(weights, out / "model.safetensors", {"format": "pt"})
    write_json(out / "config.json", model_config(tokenizer.rows, tokenizer.image))
    ids = {"bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1, "decoder_start_token_id": 2}
    search = {"num_beams": 3, "early_stopping": True, "no_repeat_ngram_size": 3}
    forced = {"forced_bos_token_id": 0, "forced_eos_token_id": 2}
    write_json(out / "generation_config.json", {**ids, **forced, **search})
    write_json(out / "preprocessor_config.json", preprocessor())
    grammars = {name: {} for name in dict.fromkeys([*GRAMMARS.values(), "description_with_polygons"])}
    processor = {"processor_class": "Florence2Processor", "image_seq_length": IMAGE_TOKENS}
    write_json(out / "processor_config.json", {**processor, "post_processor_config": grammars})
    (out / "tokenizer.json").write_text(tokenizer_file.read_text())
    write_json(out / "tokenizer_config.json", tokenizer_config(json.loads(tokenizer_file.read_text())))


def preprocessor() -> dict:
    side = {"height": SIDE, "width": SIDE}
    return {
        "image_processor_type": "CLIPImageProcessor",
        "processor_class": "Florence2Processor",
        "do_resize": True,
        "size": side,
        "resample": 3,
        "do_center_crop": False,
        "crop_size": side,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": list(MEAN),
        "image_std": list(DEVIATION),
        "do_convert_rgb": None,
        "image_seq_length": IMAGE_TOKENS,
        "tasks_answer_post_processing_type": GRAMMARS,
        "task_prompts_without_inputs": {t: p for t, p in PROMPTS.items() if "{input}" not in p},
        "task_prompts_with_input": {t: p for t, p in PROMPTS.items() if "{input}" in p},
    }


def tokenizer_config(file: dict) -> dict:
    added = {str(token["id"]): {k: v for k, v in token.items() if k != "id"} for token in file["added_tokens"]}
    return {
        "tokenizer_class": "BartTokenizer",
        "processor_class": "Florence2Processor",
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": True,
        "errors": "replace",
        "trim_offsets": True,
        "model_max_length": 1024,
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": MASK,
        "additional_special_tokens": [token for token in FLORENCE if token not in LOCATIONS],
        "extra_special_tokens": {"image_token": IMAGE},
        "added_tokens_decoder": added,
    }


def card(network: Florence2, pictures: int) -> str:
    names = list(json.loads(THINGS.read_text()))
    return CARD.read_text().format(
        things=len(names),
        names=", ".join(names),
        colours=", ".join(COLOURS),
        parameters=f"{sum(p.numel() for p in network.parameters()):,}",
        side=SIDE,
        pictures=f"{pictures:,}",
    )


def write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


@torch.no_grad()
def check(network: Florence2, out: Path) -> float:
    """Largest difference of a logit from transformers' own."""
    from transformers import AutoTokenizer, Florence2ForConditionalGeneration

    reference = Florence2ForConditionalGeneration.from_pretrained(out, dtype=torch.float32).eval()
    ids = AutoTokenizer.from_pretrained(out)(PROMPTS["<CAPTION>"], return_tensors="pt").input_ids
    mine = Tokenizer.read(out / "tokenizer.json").encode(PROMPTS["<CAPTION>"])
    if ids[0].tolist() != mine:
        raise AssertionError(f"transformers reads the prompt as {ids[0].tolist()}, not {mine}")
    pixels = normalise(torch.rand((1, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(1)))
    images = torch.full((1, IMAGE_TOKENS), reference.config.image_token_id)
    answer = torch.tensor([[EOS, 0, 40, 50, 60]])
    theirs = reference(
        pixel_values=pixels, input_ids=torch.cat([images, ids], 1), decoder_input_ids=answer
    ).logits
    encoded, mask = network.encode(network.image_tokens(network.image_map(pixels)), ids)
    ours = network.logits(network.decode(encoded, mask, answer))
    return float((ours - theirs).abs().max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, help="another than the newest of RUN/speak")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    tokenizer_file = options.run / "tokenizer.json"
    checkpoint = options.checkpoint or newest_checkpoint(options.run / "speak")
    if checkpoint is None:
        raise SystemExit(f"expected a checkpoint of the stage `speak` in {options.run}")
    state = torch.load(checkpoint / "modules.pt", map_location="cpu")
    network = read_network(state, Tokenizer.read(tokenizer_file))
    write_model(network, tokenizer_file, options.out)
    (options.out / "MODEL_CARD.md").write_text(card(network, state["pictures"]))
    total = sum(file.stat().st_size for file in options.out.iterdir() if file.is_file())
    print(f"{sum(p.numel() for p in network.parameters())} parameters, {total} bytes")
    try:
        difference = check(network, options.out)
    except ImportError:
        print("transformers is not installed: not compared")
        return
    print(f"largest difference of a logit from transformers: {difference:.2g}")
    if difference > TOLERANCE:
        raise SystemExit("the folder is not what was trained")


if __name__ == "__main__":
    main()
