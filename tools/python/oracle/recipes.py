"""The configurations of the fixtures: small, and each different in something that code can get wrong."""

from dataclasses import dataclass, field
from typing import Any

from bart import text_config

# Ids of test/fixtures/florence2/tokenizer; `<image>` is the last of them.
TOKENIZER_IDS = 2723


@dataclass(frozen=True)
class Recipe:
    name: str
    covers: str
    seed: int
    image_size: int
    embed_dim: tuple[int, ...]
    num_heads: tuple[int, ...]
    d_model: int
    depths: tuple[int, ...] = (1, 1, 1, 1)
    num_groups: tuple[int, ...] | None = None
    window_size: int = 6
    layers: tuple[int, int] = (2, 2)
    heads: tuple[int, int] = (4, 4)
    ffn: tuple[int, int] = (128, 128)
    rows: int = 2752
    max_positions: int = 256
    map_positions: int = 50
    mlp_ratio: float = 4.0
    layout: str = "native"
    dtype: str = "F16"
    untied_head: bool = False
    prenorm: tuple[bool, ...] = (False, True, True, True)
    logits_bias: bool = False
    pictures: tuple[str, ...] = ("scene-03.png", "scene-05.png")
    # max_new_tokens of the cases, used in turn.
    lengths: tuple[int, ...] = (8, 16, 24, 40, 64)

    @property
    def map_size(self) -> int:
        """Side of the last map: the strided convolutions round up."""
        side = (self.image_size + 6 - 7) // 4 + 1
        for _ in range(3):
            side = (side + 2 - 3) // 2 + 1
        return side

    @property
    def image_tokens(self) -> int:
        return self.map_size**2 + 1

    def native_config(self) -> dict[str, Any]:
        """config.json in the field names of native transformers."""
        groups = self.num_groups or self.num_heads
        return {
            "architectures": ["Florence2ForConditionalGeneration"],
            "model_type": "florence2",
            "is_encoder_decoder": True,
            "image_token_id": TOKENIZER_IDS - 1,
            "bos_token_id": 0,
            "pad_token_id": 1,
            "eos_token_id": 2,
            "decoder_start_token_id": 2,
            "tie_word_embeddings": not self.untied_head,
            "text_config": {"model_type": "bart", **self._text_config()},
            "vision_config": {
                "model_type": "florence_vision",
                "in_channels": 3,
                "depths": list(self.depths),
                "patch_size": [7, 3, 3, 3],
                "patch_stride": [4, 2, 2, 2],
                "patch_padding": [3, 1, 1, 1],
                "patch_prenorm": list(self.prenorm),
                "embed_dim": list(self.embed_dim),
                "num_heads": list(self.num_heads),
                "num_groups": list(groups),
                "window_size": self.window_size,
                "drop_path_rate": 0.1,
                "mlp_ratio": self.mlp_ratio,
                "qkv_bias": True,
                "activation_function": "gelu",
                "projection_dim": self.d_model,
                "max_temporal_embeddings": 100,
                "max_position_embeddings": self.map_positions,
            },
        }

    def microsoft_config(self) -> dict[str, Any]:
        """config.json in the field names of Microsoft's remote code."""
        groups = self.num_groups or self.num_heads
        return {
            "architectures": ["Florence2ForConditionalGeneration"],
            "auto_map": {
                "AutoConfig": "configuration_florence2.Florence2Config",
                "AutoModelForCausalLM": "modeling_florence2.Florence2ForConditionalGeneration",
            },
            "model_type": "florence2",
            "is_encoder_decoder": True,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "pad_token_id": 1,
            "ignore_index": -100,
            "projection_dim": self.d_model,
            "vocab_size": self.rows,
            "text_config": {
                **self._text_config(),
                "activation_dropout": 0.1,
                "add_bias_logits": False,
                "add_final_layer_norm": False,
                "attention_dropout": 0.1,
                "num_hidden_layers": self.layers[0],
            },
            "vision_config": {
                "model_type": "davit",
                "drop_path_rate": 0.1,
                "patch_size": [7, 3, 3, 3],
                "patch_stride": [4, 2, 2, 2],
                "patch_padding": [3, 1, 1, 1],
                "patch_prenorm": list(self.prenorm),
                "enable_checkpoint": False,
                "dim_embed": list(self.embed_dim),
                "num_heads": list(self.num_heads),
                "num_groups": list(groups),
                "depths": list(self.depths),
                "window_size": self.window_size,
                "projection_dim": self.d_model,
                "visual_temporal_embedding": {"type": "COSINE", "max_temporal_embeddings": 100},
                "image_pos_embed": {
                    "type": "learned_abs_2d",
                    "max_pos_embeddings": self.map_positions,
                },
                "image_feature_source": ["spatial_avg_pool", "temporal_avg_pool"],
            },
        }

    def config(self) -> dict[str, Any]:
        return self.native_config() if self.layout == "native" else self.microsoft_config()

    def _text_config(self) -> dict[str, Any]:
        return text_config(
            width=self.d_model,
            layers=self.layers,
            heads=self.heads,
            hidden=self.ffn,
            positions=self.max_positions,
            rows=self.rows,
        )

    def preprocessor_config(self) -> dict[str, Any]:
        side = {"height": self.image_size, "width": self.image_size}
        return {
            "crop_size": side,
            "do_center_crop": False,
            "do_convert_rgb": None,
            "do_normalize": True,
            "do_rescale": True,
            "do_resize": True,
            "image_mean": [0.485, 0.456, 0.406],
            "image_processor_type": "CLIPImageProcessor",
            "image_seq_length": self.image_tokens,
            "image_std": [0.229, 0.224, 0.225],
            "processor_class": "Florence2Processor",
            "resample": 3,
            "rescale_factor": 0.00392156862745098,
            "size": side,
        }


RECIPES = [
    Recipe(
        name="demo-like",
        covers="the shape of the bundled model: no window padding, three blocks in stage 2",
        seed=101, image_size=192, window_size=6, depths=(1, 1, 3, 1),
        embed_dim=(32, 64, 96, 128), num_heads=(1, 2, 3, 4),
        d_model=64, layers=(2, 3), max_positions=1024,
    ),
    Recipe(
        name="window-padding",
        covers="maps 24, 12, 6 and 3 that no window of 7 divides: zero padding after the norm",
        seed=102, image_size=96, window_size=7,
        embed_dim=(24, 48, 64, 96), num_heads=(2, 3, 4, 6), d_model=48,
        pictures=("scene-00.png", "scene-07.png"),
    ),
    Recipe(
        name="odd-size-100",
        covers="100 pixels: maps 25, 13, 7 and 4 as the strided convolutions round up; bfloat16",
        seed=103, image_size=100, window_size=5, dtype="BF16",
        embed_dim=(32, 64, 64, 96), num_heads=(1, 2, 2, 3), d_model=64, layers=(1, 2),
    ),
    Recipe(
        name="odd-size-72",
        covers="72 pixels: maps 18, 9, 5 and 3, the last two smaller than the window of 8",
        seed=106, image_size=72, window_size=8,
        embed_dim=(32, 48, 64, 64), num_heads=(2, 2, 4, 2), d_model=64, heads=(2, 8),
        pictures=("scene-01.png", "scene-06.png"),
    ),
    Recipe(
        name="unequal-depths",
        covers="depths 1, 2, 3, 1; channel groups that differ from the heads; float32 weights",
        seed=105, image_size=128, window_size=4, depths=(1, 2, 3, 1), dtype="F32",
        embed_dim=(16, 32, 48, 64), num_heads=(1, 2, 3, 4), num_groups=(2, 1, 6, 2), d_model=64,
        pictures=("scene-02.png", "scene-05.png"),
    ),
    Recipe(
        name="untied-head",
        covers="an lm_head of its own beside shared.weight, native layout",
        seed=106, image_size=96, window_size=6,
        embed_dim=(32, 32, 64, 96), num_heads=(1, 1, 2, 3), d_model=64, untied_head=True,
        pictures=("scene-04.png", "scene-10.png"),
    ),
    Recipe(
        name="microsoft",
        covers="Microsoft's tensor and field names; as many rows as ids; non-zero final_logits_bias",
        seed=215, image_size=96, window_size=12, depths=(1, 1, 2, 1),
        embed_dim=(32, 64, 96, 128), num_heads=(1, 2, 3, 4), d_model=96, layers=(2, 2),
        heads=(3, 3), ffn=(192, 192), rows=TOKENIZER_IDS, layout="microsoft", logits_bias=True,
        max_positions=512, pictures=("scene-03.png", "scene-08.png"),
    ),
    Recipe(
        name="microsoft-fine-tune",
        covers="a fine-tune saved by the remote code: float32, an lm_head of its own, window padding",
        seed=113, image_size=112, window_size=5,
        embed_dim=(32, 64, 64, 96), num_heads=(1, 2, 2, 3), d_model=64, layers=(1, 3),
        rows=2730, layout="microsoft", dtype="F32", untied_head=True, logits_bias=True,
        map_positions=20, pictures=("scene-05.png", "scene-09.png"),
    ),
    Recipe(
        name="lopsided",
        covers="3 encoder layers, 1 decoder layer, other heads and FFN on each side, few positions",
        seed=113, image_size=64, window_size=4,
        embed_dim=(32, 32, 64, 64), num_heads=(1, 2, 2, 4), d_model=96, layers=(3, 1),
        heads=(6, 3), ffn=(96, 224), max_positions=128, map_positions=8,
        pictures=("scene-06.png", "scene-11.png"),
    ),
    Recipe(
        name="wide-vocabulary",
        covers="3,072 rows for 2,723 ids: rows above the ids are never masked and do win; mlp_ratio 2",
        seed=110, image_size=96, window_size=6, mlp_ratio=2.0,
        embed_dim=(32, 64, 64, 64), num_heads=(1, 2, 2, 2), d_model=64, rows=3072,
        pictures=("scene-00.png", "scene-07.png"),
    ),
    Recipe(
        name="mixed-dtypes",
        covers="float32 norms and positions, bfloat16 biases, float16 matrices in one file",
        seed=114, image_size=80, window_size=5, dtype="mixed", depths=(2, 1, 1, 2),
        embed_dim=(24, 48, 48, 72), num_heads=(1, 2, 3, 3), d_model=72, heads=(3, 6),
        pictures=("scene-01.png", "scene-10.png"),
    ),
]
