"""What the bundled model is made of."""

from bart import special_ids, text_config

SIDE = 192
"""Pixels; maps of 48, 24, 12 and 6 follow, all of which divide into windows of 6."""

MAP_SIDE = SIDE // 32
IMAGE_TOKENS = 1 + MAP_SIDE**2

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)

WIDTH = 256
STAGES = (32, 64, 160, 320)
DEPTHS = (1, 1, 3, 1)
HEAD_WIDTH = 32
"""Of every attention head and channel group, as in every Florence-2."""

ENCODER_LAYERS, DECODER_LAYERS = 2, 3
TEXT_HEADS = WIDTH // 64


def model_config(vocabulary: int, image_token: int) -> dict:
    """config.json, for transformers and FloCap alike."""
    heads = [width // HEAD_WIDTH for width in STAGES]
    return {
        "architectures": ["Florence2ForConditionalGeneration"],
        "model_type": "florence2",
        "is_encoder_decoder": True,
        "image_token_id": image_token,
        **special_ids(),
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
        "text_config": {
            "model_type": "bart",
            **text_config(
                width=WIDTH,
                layers=(ENCODER_LAYERS, DECODER_LAYERS),
                heads=(TEXT_HEADS, TEXT_HEADS),
                hidden=(4 * WIDTH, 4 * WIDTH),
                positions=1024,
                rows=vocabulary,
            ),
        },
        "vision_config": {
            "model_type": "florence_vision",
            "in_channels": 3,
            "depths": list(DEPTHS),
            "patch_size": [7, 3, 3, 3],
            "patch_stride": [4, 2, 2, 2],
            "patch_padding": [3, 1, 1, 1],
            "patch_prenorm": [False, True, True, True],
            "embed_dim": list(STAGES),
            "num_heads": heads,
            "num_groups": heads,
            "window_size": MAP_SIDE,
            "drop_path_rate": 0.0,
            "mlp_ratio": 4.0,
            "qkv_bias": True,
            "activation_function": "gelu",
            "projection_dim": WIDTH,
            "max_temporal_embeddings": 100,
            "max_position_embeddings": 50,
            "initializer_range": 0.02,
        },
        "transformers_version": "4.56.1",
    }
