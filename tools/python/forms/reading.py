"""A folder as transformers' own class reads it: nothing is passed that the folder could say."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import Florence2ForConditionalGeneration
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

DEFAULT_BEAMS = 3
"""What FloCap searches with where a checkpoint says nothing; the library would be greedy."""


@dataclass(frozen=True)
class Question:
    picture: str
    text: str
    max_new_tokens: int


class Refused(Exception):
    """The library does not run this folder."""


def load(folder: Path, dtype: torch.dtype) -> Florence2ForConditionalGeneration:
    try:
        model, report = Florence2ForConditionalGeneration.from_pretrained(
            folder, dtype=dtype, attn_implementation="eager", output_loading_info=True
        )
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    if report["missing_keys"] or report["mismatched_keys"] or report["error_msgs"]:
        raise Refused("the weights do not fit")
    return model.eval()


def pixel_values(folder: Path, picture: Path) -> torch.Tensor:
    try:
        processor = CLIPImageProcessorPil.from_pretrained(folder)
        with Image.open(picture) as opened:
            return processor(opened.convert("RGB"), return_tensors="pt").pixel_values
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {error}") from error


@torch.no_grad()
def answer(
    model: Florence2ForConditionalGeneration, folder: Path, pictures: Path, question: Question
) -> list[int]:
    """The ids of the best answer, without the start token."""
    pixels = pixel_values(folder, pictures / question.picture).to(model.dtype)
    prompt = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(question.text).ids
    explicit: dict[str, Any] = {"max_new_tokens": question.max_new_tokens}
    if model.generation_config.num_beams is None:
        explicit["num_beams"] = DEFAULT_BEAMS
    try:
        if pixels.shape[-1] != pixels.shape[-2]:
            raise ValueError("pictures of other shapes give other numbers of tokens")
        count = model.get_image_features(pixels).pooler_output.shape[1]
        ids = torch.tensor([[model.config.image_token_id] * count + prompt])
        out = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=pixels, **explicit
        )
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    return cut(out[0].tolist()[1:], model.generation_config)


def cut(ids: list[int], config: Any) -> list[int]:
    """Drops the padding behind the end token."""
    eos = config.eos_token_id
    ends = {eos} if isinstance(eos, int) else set(eos)
    for index, token in enumerate(ids):
        if token in ends and index > 0:
            return ids[: index + 1]
    return ids
