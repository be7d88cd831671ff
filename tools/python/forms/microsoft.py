"""Forms in Microsoft's names, whose code is not in any library: its rules on the native class.

Two things are Microsoft's own here: the defaults of its configuration classes, and
`image_feature_source`, which names the parts of a picture that the language model reads. For one
picture `temporal_avg_pool` and `last_frame` are the map itself and `spatial_avg_pool` is its mean; the
projection works on each token alone, so any list of them is a rearrangement of the native features.
The search is asked by the language model's own configuration, as Microsoft's `generate` does.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import Florence2ForConditionalGeneration, GenerationConfig
from transformers.modeling_outputs import BaseModelOutput

from oracle.reference import Reference

from .edits import Edit, drop, put
from .reading import DEFAULT_BEAMS, Question, Refused, cut, pixel_values
from .variants import CONFIG, GENERATION, Form, asks, no_text, no_vision, text, vision

FEATURES = "image_feature_source"


def sources(*names: str) -> Edit:
    return vision(FEATURES, list(names))


MICROSOFT_FORMS = [
    Form("Microsoft: as it is", "microsoft"),
    Form("Microsoft: generation_config.json left out", "microsoft", [drop(GENERATION)]),
    Form(
        "Microsoft: generation_config.json of Florence-2-large, the rest in text_config",
        "microsoft",
        [put(GENERATION, value={"num_beams": 3, "early_stopping": False})],
    ),
    Form("Microsoft: num_beams 2 in generation_config.json", "microsoft", [asks("num_beams", 2)]),
    Form(
        "Microsoft: decoder_start_token_id and forced_eos_token_id left out",
        "microsoft",
        [drop(GENERATION), *no_text("decoder_start_token_id", "forced_eos_token_id")],
    ),
    Form(
        "Microsoft: token ids left out",
        "microsoft",
        [drop(GENERATION), *no_text("bos_token_id", "pad_token_id", "eos_token_id")],
    ),
    Form("Microsoft: image_feature_source left out", "microsoft", no_vision(FEATURES)),
    Form("Microsoft: the mean alone", "microsoft", [sources("spatial_avg_pool")]),
    Form("Microsoft: the map alone", "microsoft", [sources("temporal_avg_pool")]),
    Form("Microsoft: the last frame", "microsoft", [sources("last_frame")]),
    Form("Microsoft: the map, then the mean", "microsoft", [sources("last_frame", "spatial_avg_pool")]),
    Form(
        "Microsoft: all three",
        "microsoft",
        [sources("spatial_avg_pool", "temporal_avg_pool", "last_frame")],
    ),
    Form(
        "Microsoft: depths, heads and groups left out",
        "microsoft-defaults",
        no_vision("depths", "num_heads", "num_groups", "window_size"),
    ),
    Form(
        "Microsoft: patch fields left out",
        "microsoft-defaults",
        no_vision("patch_size", "patch_stride", "patch_padding", "patch_prenorm"),
    ),
    Form("Microsoft: a feature source that is none", "microsoft", [sources("pooled")]),
    Form("Microsoft: no position embedding", "microsoft", no_vision("image_pos_embed")),
    Form("Microsoft: no temporal embedding", "microsoft", no_vision("visual_temporal_embedding")),
    Form(
        "Microsoft: positions of another type",
        "microsoft",
        [put(CONFIG, "vision_config", "image_pos_embed", "type", value="sine")],
    ),
]

_VISION_DEFAULTS = {
    "patch_size": [7, 3, 3, 3],
    "patch_stride": [4, 2, 2, 2],
    "patch_padding": [3, 1, 1, 1],
    "patch_prenorm": [False, True, True, True],
    "dim_embed": [256, 512, 1024, 2048],
    "num_heads": [8, 16, 32, 64],
    "num_groups": [8, 16, 32, 64],
    "depths": [1, 1, 9, 1],
    "window_size": 12,
    "projection_dim": 1024,
    "visual_temporal_embedding": None,
    "image_pos_embed": None,
    FEATURES: ["spatial_avg_pool", "temporal_avg_pool"],
}
_TEXT_DEFAULTS = {
    "bos_token_id": 0,
    "pad_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 2,
    "forced_eos_token_id": 2,
}
_SEARCH = (
    *_TEXT_DEFAULTS,
    "forced_bos_token_id",
    "num_beams",
    "early_stopping",
    "length_penalty",
    "no_repeat_ngram_size",
)


class MicrosoftModel:
    """A folder's files, edited, with the native tensors of its recipe."""

    def __init__(
        self,
        config: dict[str, Any],
        generation: dict[str, Any],
        native: dict[str, Any],
        state: dict[str, np.ndarray],
        dtype: torch.dtype,
    ) -> None:
        seen = {**_VISION_DEFAULTS, **config["vision_config"]}
        for name, kind in (("image_pos_embed", "learned_abs_2d"), ("visual_temporal_embedding", "COSINE")):
            if (seen[name] or {}).get("type") != kind:
                raise Refused(f"NotImplementedError: {name}")
        for source in seen[FEATURES]:
            if source not in ("spatial_avg_pool", "temporal_avg_pool", "last_frame"):
                raise Refused(f"ValueError: invalid image feature source: {source}")
        self.sources = seen[FEATURES]
        shared = ("patch_size", "patch_stride", "patch_padding", "patch_prenorm", "num_heads", "num_groups", "depths", "window_size", "projection_dim")
        vision_config = {**native["vision_config"], **{key: seen[key] for key in shared}, "embed_dim": seen["dim_embed"]}
        self.model = Reference.from_state({**native, "vision_config": vision_config}, state, dtype).model
        # The watcher of the settings that other fixtures pass: here they are the folder's own.
        del self.model._get_logits_processor
        spoken = {**_TEXT_DEFAULTS, **config["text_config"]}
        self.settings = {k: spoken[k] for k in _SEARCH if spoken.get(k) is not None}
        self.settings |= {k: generation[k] for k in _SEARCH if generation.get(k) is not None}

    @torch.no_grad()
    def answer(self, folder: Path, pictures: Path, question: Question) -> list[int]:
        model: Florence2ForConditionalGeneration = self.model
        pixels = pixel_values(folder, pictures / question.picture).to(model.dtype)
        native = model.get_image_features(pixels).pooler_output
        parts = [native[:, :1] if s == "spatial_avg_pool" else native[:, 1:] for s in self.sources]
        prompt = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(question.text).ids
        words = model.get_input_embeddings()(torch.tensor([prompt]))
        embeds = torch.cat([*parts, words], dim=1)
        mask = torch.ones(embeds.shape[:2], dtype=torch.long)
        hidden = model.model.language_model.encoder(inputs_embeds=embeds, attention_mask=mask)
        config = GenerationConfig(
            **{"num_beams": DEFAULT_BEAMS, **self.settings}, max_new_tokens=question.max_new_tokens
        )
        out = model.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=hidden.last_hidden_state),
            attention_mask=mask,
            generation_config=config,
        )
        return cut(out[0].tolist()[1:], config)
