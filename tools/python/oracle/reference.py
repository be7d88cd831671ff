"""Native Florence-2 of transformers 5: stages, greedy search and vectorised beam search.

Every setting of generate() is passed explicitly, in a GenerationConfig of its own, because the
defaults come from three places (library, generation_config.json, config.json); what the library
then really uses is checked on every call.
"""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import Florence2Config, Florence2ForConditionalGeneration, GenerationConfig
from transformers.generation.logits_process import (
    ForcedBOSTokenLogitsProcessor,
    ForcedEOSTokenLogitsProcessor,
    NoRepeatNGramLogitsProcessor,
)

from .search import EOS_ID, NO_REPEAT_NGRAM_SIZE, START_ID, BeamSettings, Sequence, cut_after_eos

EXPECTED_PROCESSORS = [
    NoRepeatNGramLogitsProcessor,
    ForcedBOSTokenLogitsProcessor,
    ForcedEOSTokenLogitsProcessor,
]


@dataclass(frozen=True)
class Stages:
    """One picture with one prompt; see the fixture format for the shapes."""

    vision_map: np.ndarray
    image_features: np.ndarray
    inputs_embeds: np.ndarray
    encoder_output: np.ndarray


@dataclass(frozen=True)
class Greedy:
    ids: list[int]
    # Of every id after the start token; forced ids 0.
    log_probs: list[float]


def deterministic() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


class Reference:
    """A native model in float32 (or another dtype), eager attention, evaluation mode."""

    def __init__(self, model: Florence2ForConditionalGeneration) -> None:
        self.model = model.eval()
        # Nothing may come from the model's own defaults.
        self.model.generation_config = GenerationConfig()
        self._watch_settings()

    @classmethod
    def from_state(
        cls, config: dict[str, Any], state: dict[str, np.ndarray], dtype: torch.dtype = torch.float32
    ) -> "Reference":
        """`config` in native names; `state` by native names, the tied copies left out."""
        parsed = Florence2Config(**copy.deepcopy(config))
        parsed._attn_implementation = "eager"
        model = Florence2ForConditionalGeneration(parsed).to(dtype)
        tensors = {name: torch.from_numpy(values).to(dtype) for name, values in state.items()}
        bias = tensors.pop("final_logits_bias", None)
        shared = tensors["model.language_model.shared.weight"]
        for side in ("encoder", "decoder"):
            tensors[f"model.language_model.{side}.embed_tokens.weight"] = shared
        tensors.setdefault("lm_head.weight", shared)
        model.load_state_dict(tensors, strict=True)
        if bias is not None:
            # The native class dropped this buffer of the remote code; there it is added to the logits.
            model.lm_head.register_forward_hook(lambda _module, _inputs, logits: logits + bias)
        return cls(model)

    @classmethod
    def from_folder(cls, folder: str) -> "Reference":
        model, report = Florence2ForConditionalGeneration.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True
        )
        wrong = {key: value for key, value in report.items() if value}
        if wrong:
            raise ValueError(f"{folder} does not match the native class: {wrong}")
        return cls(model)

    @torch.no_grad()
    def stages(self, pixels: np.ndarray, prompt_ids: list[int]) -> Stages:
        dtype = self.model.dtype
        vision = self.model.model.get_image_features(torch.from_numpy(pixels).to(dtype))
        features = vision.pooler_output
        words = self.model.get_input_embeddings()(torch.tensor([prompt_ids]))
        embeds = torch.cat([features, words], dim=1)
        # The same through the library's own path: image placeholders, then the prompt.
        ids = [self.model.config.image_token_id] * features.shape[1] + prompt_ids
        output = self.model.model(
            input_ids=torch.tensor([ids]),
            pixel_values=torch.from_numpy(pixels).to(dtype),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        ).encoder_last_hidden_state
        ours = self.model.model.language_model.encoder(
            inputs_embeds=embeds, attention_mask=torch.ones(1, len(ids), dtype=torch.long)
        ).last_hidden_state
        if not torch.equal(output, ours):
            raise AssertionError("the library joins image features and prompt in another way")
        return Stages(
            vision_map=vision.last_hidden_state[0].permute(1, 2, 0).contiguous().numpy(),
            image_features=features[0].numpy(),
            inputs_embeds=embeds[0].numpy(),
            encoder_output=output[0].numpy(),
        )

    @torch.no_grad()
    def logits(self, pixels: np.ndarray, prompt_ids: list[int], answer_ids: list[int]) -> np.ndarray:
        """[answer ids, rows]: the logits after each prefix of `answer_ids`, teacher-forced."""
        out = self.model(
            **self._inputs(pixels, prompt_ids), decoder_input_ids=torch.tensor([answer_ids])
        )
        return out.logits[0].float().numpy()

    @torch.no_grad()
    def decoder_output(
        self, pixels: np.ndarray, prompt_ids: list[int], answer_ids: list[int]
    ) -> np.ndarray:
        """[answer ids, d_model]: what the head reads, teacher-forced."""
        inputs = self._inputs(pixels, prompt_ids)
        out = self.model.model(**inputs, decoder_input_ids=torch.tensor([answer_ids]))
        return out.last_hidden_state[0].numpy()

    @torch.no_grad()
    def greedy(self, pixels: np.ndarray, prompt_ids: list[int], max_new_tokens: int) -> Greedy:
        config = _generation_config(max_new_tokens, num_beams=1, output_logits=True)
        out = self._generate(pixels, prompt_ids, config)
        ids = out.sequences[0].tolist()
        raw = torch.stack(out.logits)[:, 0].float()
        chosen = torch.log_softmax(raw, dim=-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
        log_probs = chosen.tolist()
        log_probs[0] = 0.0
        if len(ids) - 1 == max_new_tokens:
            log_probs[-1] = 0.0
        return Greedy(ids, log_probs)

    @torch.no_grad()
    def beams(
        self, pixels: np.ndarray, prompt_ids: list[int], max_new_tokens: int, settings: BeamSettings
    ) -> list[Sequence]:
        """All finished beams, best first, by the vectorised rule."""
        config = _generation_config(
            max_new_tokens,
            num_beams=settings.num_beams,
            num_return_sequences=settings.num_beams,
            early_stopping=settings.early_stopping,
            length_penalty=settings.length_penalty,
        )
        out = self._generate(pixels, prompt_ids, config)
        return [
            Sequence(cut_after_eos(row.tolist()), score.item())
            for row, score in zip(out.sequences, out.sequences_scores, strict=True)
        ]

    def _inputs(self, pixels: np.ndarray, prompt_ids: list[int]) -> dict[str, torch.Tensor]:
        vision = torch.from_numpy(pixels).to(self.model.dtype)
        tokens = self.model.model.get_image_features(vision).pooler_output.shape[1]
        ids = [self.model.config.image_token_id] * tokens + prompt_ids
        return {
            "input_ids": torch.tensor([ids]),
            "attention_mask": torch.ones(1, len(ids), dtype=torch.long),
            "pixel_values": vision,
        }

    def _generate(self, pixels: np.ndarray, prompt_ids: list[int], config: GenerationConfig) -> Any:
        self._requested = config
        self._checked = False
        out = self.model.generate(**self._inputs(pixels, prompt_ids), generation_config=config)
        if not self._checked:
            raise AssertionError("generate() did not build its logits processors as expected")
        return out

    def _watch_settings(self) -> None:
        """Compares what generate() uses with what was asked for, where it builds its processors."""
        original = self.model._get_logits_processor

        def watched(generation_config: GenerationConfig, *args: Any, **kwargs: Any) -> Any:
            processors = original(generation_config, *args, **kwargs)
            found = [type(p) for p in processors]
            if found != EXPECTED_PROCESSORS:
                raise AssertionError(f"generate() uses other logits processors: {found}")
            for key in _EXPLICIT:
                used, asked = getattr(generation_config, key), getattr(self._requested, key)
                if used != asked:
                    raise AssertionError(f"generate() uses {key}={used}, asked for {asked}")
            # Decoder positions: the start token and max_new_tokens generated ids.
            if generation_config.max_length != self._requested.max_new_tokens + 1:
                raise AssertionError(f"generate() stops at {generation_config.max_length} ids")
            self._checked = True
            return processors

        self.model._get_logits_processor = watched


_EXPLICIT = (
    "max_new_tokens",
    "num_beams",
    "num_return_sequences",
    "early_stopping",
    "length_penalty",
    "no_repeat_ngram_size",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "do_sample",
)


def _generation_config(max_new_tokens: int, **settings: Any) -> GenerationConfig:
    values: dict[str, Any] = {
        "max_new_tokens": max_new_tokens,
        "do_sample": False,
        "num_return_sequences": 1,
        "early_stopping": False,
        "length_penalty": 1.0,
        "no_repeat_ngram_size": NO_REPEAT_NGRAM_SIZE,
        "decoder_start_token_id": START_ID,
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": EOS_ID,
        "forced_bos_token_id": 0,
        "forced_eos_token_id": EOS_ID,
        "use_cache": True,
        "return_dict_in_generate": True,
        "output_scores": True,
        **settings,
    }
    return GenerationConfig(**values)
