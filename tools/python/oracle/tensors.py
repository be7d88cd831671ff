"""Which tensors a Florence-2 checkpoint holds, derived from its config.json, in both layouts.

Names and shapes are those of the native transformers layout. `microsoft_name` gives the name that
the same tensor has in files saved by Microsoft's remote code.

Each tensor has a role: what it does in the network. The role decides how large its random values
are (see portable.py).
"""

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tensor:
    name: str
    shape: tuple[int, ...]
    role: str

    @property
    def fan_in(self) -> int:
        """Inputs that one output sums over; 1 for vectors, so that it does not change their scale."""
        if len(self.shape) < 2:
            return 1
        size = 1
        for n in self.shape[1:]:
            size *= n
        return size


def list_tensors(config: dict[str, Any], untied_head: bool, logits_bias: bool) -> list[Tensor]:
    """Every tensor of the checkpoint. `config` is in native field names.

    The tied copies of `shared.weight` are left out, as safetensors files leave them out.
    """
    text = config["text_config"]
    d = text["d_model"]
    rows = text["vocab_size"]
    tensors = [*_vision(config["vision_config"]), *_projector(config["vision_config"])]
    language = "model.language_model."
    tensors.append(Tensor(language + "shared.weight", (rows, d), "embedding"))
    for side in ("encoder", "decoder"):
        prefix = f"{language}{side}."
        positions = (text["max_position_embeddings"] + 2, d)
        tensors.append(Tensor(prefix + "embed_positions.weight", positions, "position"))
        tensors += _norm(prefix + "layernorm_embedding", d)
        for layer in range(text[f"{side}_layers"]):
            tensors += _bart_layer(f"{prefix}layers.{layer}.", side, d, text[f"{side}_ffn_dim"])
    if untied_head:
        tensors.append(Tensor("lm_head.weight", (rows, d), "embedding"))
    if logits_bias:
        tensors.append(Tensor("final_logits_bias", (1, rows), "logits_bias"))
    return tensors


def _vision(vision: dict[str, Any]) -> list[Tensor]:
    tensors: list[Tensor] = []
    dims = vision["embed_dim"]
    for stage, c in enumerate(dims):
        before = vision.get("in_channels", 3) if stage == 0 else dims[stage - 1]
        k = vision["patch_size"][stage]
        conv = f"model.vision_tower.convs.{stage}."
        tensors += _weight_and_bias(conv + "conv", (c, before, k, k), "conv")
        tensors += _norm(conv + "norm", before if vision["patch_prenorm"][stage] else c)
        hidden = int(c * vision.get("mlp_ratio", 4.0))
        for depth in range(vision["depths"][stage]):
            for kind, attention in (("spatial", "window_attn"), ("channel", "channel_attn")):
                block = f"model.vision_tower.blocks.{stage}.{depth}.{kind}_block."
                tensors += _weight_and_bias(block + "conv1", (c, 1, 3, 3), "depthwise")
                tensors += _norm(block + "norm1", c)
                tensors += _weight_and_bias(f"{block}{attention}.qkv", (3 * c, c), f"{attention}_qkv")
                tensors += _weight_and_bias(f"{block}{attention}.proj", (c, c), "vision_out")
                tensors += _weight_and_bias(block + "conv2", (c, 1, 3, 3), "depthwise")
                tensors += _norm(block + "norm2", c)
                tensors += _weight_and_bias(block + "ffn.fc1", (hidden, c), "vision_fc1")
                tensors += _weight_and_bias(block + "ffn.fc2", (c, hidden), "vision_out")
    return tensors


def _projector(vision: dict[str, Any]) -> list[Tensor]:
    c = vision["embed_dim"][-1]
    out = vision["projection_dim"]
    side = vision.get("max_position_embeddings", 50)
    prefix = "model.multi_modal_projector."
    position = prefix + "image_position_embed."
    return [
        Tensor(prefix + "image_projection.weight", (out, c), "projection"),
        *_norm(prefix + "image_proj_norm", out),
        Tensor(position + "row_embeddings.weight", (side, c // 2), "map_position"),
        Tensor(position + "column_embeddings.weight", (side, c - c // 2), "map_position"),
        Tensor(
            prefix + "visual_temporal_embed.pos_idx_to_embed",
            (vision.get("max_temporal_embeddings", 100), c),
            "temporal",
        ),
    ]


def _bart_layer(prefix: str, side: str, d: int, ffn: int) -> list[Tensor]:
    tensors = _attention(prefix + "self_attn", d)
    tensors += _norm(prefix + "self_attn_layer_norm", d)
    if side == "decoder":
        tensors += _attention(prefix + "encoder_attn", d)
        tensors += _norm(prefix + "encoder_attn_layer_norm", d)
    tensors += _weight_and_bias(prefix + "fc1", (ffn, d), "text_fc1")
    tensors += _weight_and_bias(prefix + "fc2", (d, ffn), "text_out")
    tensors += _norm(prefix + "final_layer_norm", d)
    return tensors


def _attention(prefix: str, d: int) -> list[Tensor]:
    kind = prefix.rsplit(".", 1)[1]
    roles = {"k": f"{kind}_qk", "v": "text_v", "q": f"{kind}_qk", "out": "text_out"}
    tensors: list[Tensor] = []
    for part, role in roles.items():
        tensors += _weight_and_bias(f"{prefix}.{part}_proj", (d, d), role)
    return tensors


def _weight_and_bias(prefix: str, shape: tuple[int, ...], role: str) -> list[Tensor]:
    return [
        Tensor(prefix + ".weight", shape, role),
        Tensor(prefix + ".bias", (shape[0],), "bias"),
    ]


def _norm(prefix: str, size: int) -> list[Tensor]:
    return [
        Tensor(prefix + ".weight", (size,), "norm_weight"),
        Tensor(prefix + ".bias", (size,), "bias"),
    ]


# What Microsoft's remote code calls the parts of a name; tried in order, all that match apply.
_RENAMES = [
    (r"^model\.vision_tower\.convs\.(\d+)\.conv\.", r"vision_tower.convs.\1.proj."),
    (r"^model\.vision_tower\.", "vision_tower."),
    (r"_block\.conv([12])\.", r"_block.conv\1.fn.dw."),
    (r"\.(window_attn|channel_attn)\.(qkv|proj)\.", r".\1.fn.\2."),
    (r"spatial_block\.norm1\.", "spatial_block.window_attn.norm."),
    (r"channel_block\.norm1\.", "channel_block.channel_attn.norm."),
    (r"_block\.norm2\.", "_block.ffn.norm."),
    (r"_block\.ffn\.(fc[12])\.", r"_block.ffn.fn.net.\1."),
    (r"^model\.multi_modal_projector\.image_projection\.weight$", "image_projection"),
    (r"^model\.multi_modal_projector\.image_proj_norm\.", "image_proj_norm."),
    (r"^model\.multi_modal_projector\.image_position_embed\.", "image_pos_embed."),
    (r"^model\.multi_modal_projector\.visual_temporal_embed\.", "visual_temporal_embed."),
    (r"^model\.language_model\.", "language_model.model."),
    (r"^lm_head\.", "language_model.lm_head."),
    (r"^final_logits_bias$", "language_model.final_logits_bias"),
]


def microsoft_name(native: str) -> str:
    """The name of a native tensor in a file saved by Microsoft's remote code."""
    name = native
    for pattern, replacement in _RENAMES:
        name = re.sub(pattern, replacement, name)
    return name


def is_transposed_in_microsoft_layout(native: str) -> bool:
    """`image_projection` is a bare [in, out] matrix there, a Linear weight [out, in] natively."""
    return native == "model.multi_modal_projector.image_projection.weight"
