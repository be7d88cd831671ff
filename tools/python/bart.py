"""The text part of a Florence-2 checkpoint's config.json, for every size of it."""

from typing import Any

BOS, PAD, EOS = 0, 1, 2
"""BART's ids, which Florence-2 and FloCap's generation rely on."""


def special_ids() -> dict[str, int]:
    return {"bos_token_id": BOS, "pad_token_id": PAD, "eos_token_id": EOS, "decoder_start_token_id": EOS}


def text_config(
    *,
    width: int,
    layers: tuple[int, int],
    heads: tuple[int, int],
    hidden: tuple[int, int],
    positions: int,
    rows: int,
) -> dict[str, Any]:
    """Pairs are of encoder and decoder; `hidden` is inside their MLPs, `rows` are of the vocabulary."""
    return {
        "activation_function": "gelu",
        "d_model": width,
        "encoder_layers": layers[0],
        "decoder_layers": layers[1],
        "encoder_attention_heads": heads[0],
        "decoder_attention_heads": heads[1],
        "encoder_ffn_dim": hidden[0],
        "decoder_ffn_dim": hidden[1],
        "max_position_embeddings": positions,
        "vocab_size": rows,
        "scale_embedding": False,
        "normalize_before": False,
        **special_ids(),
        "forced_bos_token_id": BOS,
        "forced_eos_token_id": EOS,
        "num_beams": 3,
        "early_stopping": True,
        "no_repeat_ngram_size": 3,
        # In this part it ties the embeddings of encoder and decoder to `shared`, not the head.
        "tie_word_embeddings": True,
        "is_encoder_decoder": True,
    }
