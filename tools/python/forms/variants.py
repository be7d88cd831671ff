"""Forms of a checkpoint: what is left out, written otherwise, or set to something unusual."""

from dataclasses import dataclass, field

from .edits import Edit, drop, put

CONFIG = "config.json"
GENERATION = "generation_config.json"
PREPROCESSOR = "preprocessor_config.json"
PROCESSOR = "processor_config.json"


@dataclass(frozen=True)
class Form:
    name: str
    base: str = "small"
    edits: list[Edit] = field(default_factory=list)
    # model.safetensors in this dtype instead of the base's.
    dtype: str | None = None


def vision(key: str, value: object) -> Edit:
    return put(CONFIG, "vision_config", key, value=value)


def no_vision(*keys: str) -> list[Edit]:
    return [drop(CONFIG, "vision_config", key) for key in keys]


def text(key: str, value: object) -> Edit:
    return put(CONFIG, "text_config", key, value=value)


def no_text(*keys: str) -> list[Edit]:
    return [drop(CONFIG, "text_config", key) for key in keys]


def asks(key: str, value: object) -> Edit:
    return put(GENERATION, key, value=value)


def pixels(key: str, value: object) -> Edit:
    return put(PREPROCESSOR, key, value=value)


SEARCH_IN_TEXT = ("num_beams", "early_stopping", "no_repeat_ngram_size", "forced_bos_token_id")
IMAGE_PROCESSOR = {
    "crop_size": {"height": 64, "width": 64},
    "do_center_crop": False,
    "do_normalize": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.485, 0.456, 0.406],
    "image_processor_type": "CLIPImageProcessorFast",
    "image_std": [0.229, 0.224, 0.225],
    "resample": 3,
    "rescale_factor": 0.00392156862745098,
    "size": {"height": 64, "width": 64},
}

FORMS = [
    Form("as it is"),
    # generation_config.json and the same fields of config.json
    Form("generation_config.json left out", edits=[drop(GENERATION)]),
    Form("generation_config.json without forced_bos_token_id", edits=[drop(GENERATION, "forced_bos_token_id")]),
    Form("generation_config.json without no_repeat_ngram_size", edits=[drop(GENERATION, "no_repeat_ngram_size")]),
    Form("no_repeat_ngram_size 2", edits=[asks("no_repeat_ngram_size", 2)]),
    Form("no_repeat_ngram_size 1 in text_config, 3 in generation_config.json", edits=[text("no_repeat_ngram_size", 1)]),
    Form("num_beams 5", edits=[asks("num_beams", 5)]),
    Form("num_beams left out", edits=[drop(GENERATION, "num_beams")]),
    Form("num_beams 1", edits=[asks("num_beams", 1)]),
    Form("early_stopping false", edits=[asks("early_stopping", False)]),
    Form("early_stopping never, length_penalty 2", edits=[asks("early_stopping", "never"), asks("length_penalty", 2.0)]),
    Form("length_penalty -1", edits=[asks("length_penalty", -1.0), asks("early_stopping", False)]),
    Form("forced_bos_token_id of another word", edits=[asks("forced_bos_token_id", 17)]),
    Form("forced_eos_token_id null", edits=[asks("forced_eos_token_id", None)]),
    Form("decoder_start_token_id 0", edits=[asks("decoder_start_token_id", 0)]),
    Form("decoder_start_token_id left out: starts with bos", edits=[drop(GENERATION, "decoder_start_token_id")]),
    Form("eos_token_id [2]", edits=[asks("eos_token_id", [2])]),
    Form("eos_token_id [2] in config.json alone", edits=[drop(GENERATION), text("eos_token_id", [2]), put(CONFIG, "eos_token_id", value=[2])]),
    Form("no search settings but those of text_config", edits=[drop(GENERATION), *[drop(CONFIG, k) for k in ("decoder_start_token_id", "eos_token_id", "bos_token_id", "pad_token_id")]]),
    # vision_config
    Form("window_size left out", base="defaults", edits=no_vision("window_size")),
    Form("depths left out", base="defaults", edits=no_vision("depths")),
    Form("num_heads and num_groups left out", base="defaults", edits=no_vision("num_heads", "num_groups")),
    Form("patch fields left out", base="defaults", edits=no_vision("patch_size", "patch_stride", "patch_padding", "patch_prenorm")),
    Form("mlp_ratio, qkv_bias and activation left out", base="defaults", edits=no_vision("mlp_ratio", "qkv_bias", "activation_function", "in_channels")),
    Form("max_position_embeddings of the map left out", base="defaults", edits=no_vision("max_position_embeddings", "max_temporal_embeddings", "drop_path_rate")),
    Form("a window larger than any map", edits=[vision("window_size", 40)]),
    Form("vision gelu_pytorch_tanh", edits=[vision("activation_function", "gelu_pytorch_tanh")]),
    Form("vision quick_gelu", edits=[vision("activation_function", "quick_gelu")]),
    Form("vision relu", edits=[vision("activation_function", "relu")]),
    Form("qkv_bias false", edits=[vision("qkv_bias", False)]),
    Form("depths and strides longer than there are stages", edits=[vision("depths", [1, 1, 1, 1, 1]), vision("patch_stride", [4, 2, 2, 2, 2])]),
    # text_config
    Form("layers, heads and positions of text_config left out", base="deep-text", edits=no_text("encoder_layers", "decoder_layers", "encoder_attention_heads", "decoder_attention_heads", "max_position_embeddings")),
    Form("encoder_ffn_dim and decoder_ffn_dim left out", base="wide-ffn", edits=no_text("encoder_ffn_dim", "decoder_ffn_dim")),
    Form("text activation left out", edits=no_text("activation_function", "scale_embedding", "normalize_before")),
    Form("hidden_size instead of d_model", edits=[*no_text("d_model"), text("hidden_size", 64)]),
    Form("text gelu_pytorch_tanh", edits=[text("activation_function", "gelu_pytorch_tanh")]),
    Form("text gelu_new", edits=[text("activation_function", "gelu_new")]),
    Form("text gelu_fast", edits=[text("activation_function", "gelu_fast")]),
    Form("text relu", edits=[text("activation_function", "relu")]),
    Form("text silu", edits=[text("activation_function", "silu")]),
    Form("text relu2", edits=[text("activation_function", "relu2")]),
    Form("scale_embedding", edits=[text("scale_embedding", True)]),
    Form("normalize_before and add_final_layer_norm, which are not looked at", edits=[text("normalize_before", True), text("add_final_layer_norm", True)]),
    Form("text_config without model_type", edits=no_text("model_type")),
    Form("an output matrix of its own", base="untied"),
    # weights
    Form("float64", dtype="F64"),
    Form("bfloat16", base="untied", dtype="BF16"),
    # pictures
    Form("size as a pair", edits=[pixels("size", [64, 64])]),
    Form("do_center_crop left out", edits=[drop(PREPROCESSOR, "do_center_crop")]),
    Form("do_center_crop and crop_size null", edits=[pixels("do_center_crop", True), pixels("size", {"height": 96, "width": 80}), pixels("crop_size", 64)]),
    Form("shortest_edge, cropped", edits=[pixels("size", {"shortest_edge": 72}), pixels("do_center_crop", True)]),
    Form("size as a number, cropped", edits=[pixels("size", 64), pixels("do_center_crop", True)]),
    Form("a crop larger than the picture", edits=[pixels("size", {"shortest_edge": 41}), pixels("do_center_crop", True)]),
    Form("resample 2, bilinear", edits=[pixels("resample", 2)]),
    Form("resample 1, Lanczos", edits=[pixels("resample", 1)]),
    Form("resample 4, box", edits=[pixels("resample", 4)]),
    Form("resample 5, Hamming", edits=[pixels("resample", 5)]),
    Form("do_rescale, rescale_factor and resample left out", edits=[drop(PREPROCESSOR, k) for k in ("do_rescale", "rescale_factor", "resample", "do_resize", "do_normalize")]),
    Form("image_mean and image_std left out", edits=[drop(PREPROCESSOR, k) for k in ("image_mean", "image_std")]),
    Form("do_normalize false", edits=[pixels("do_normalize", False)]),
    Form("do_rescale false", edits=[pixels("do_rescale", False), pixels("image_mean", [120.0, 110.0, 100.0]), pixels("image_std", [60.0, 60.0, 55.0])]),
    Form("processor_config.json with the image processor, no preprocessor_config.json", edits=[drop(PREPROCESSOR), put(PROCESSOR, value={"image_processor": IMAGE_PROCESSOR, "processor_class": "Florence2Processor"})]),
    Form("processor_config.json before preprocessor_config.json", edits=[pixels("image_mean", [0.0, 0.0, 0.0]), put(PROCESSOR, value={"image_processor": IMAGE_PROCESSOR})]),
    Form("processor_config.json without an image processor", edits=[put(PROCESSOR, value={"processor_class": "Florence2Processor"})]),
    Form("no tokenizer_config.json", edits=[drop("tokenizer_config.json")]),
    # what the libraries refuse
    Form("no image processor anywhere", edits=[drop(PREPROCESSOR)]),
    Form("num_heads that do not divide the channels", edits=[vision("num_heads", [1, 3, 2, 4])]),
    Form("encoder_attention_heads that do not divide d_model", edits=[text("encoder_attention_heads", 5)]),
    Form("an activation that is none", edits=[text("activation_function", "gulu")]),
    Form("more num_heads than stages", edits=[vision("num_heads", [1, 2, 2, 4, 8])]),
    Form("fewer strides than stages", edits=[vision("patch_stride", [4, 2, 2])]),
    Form("projection_dim other than d_model", edits=[vision("projection_dim", 80)]),
    Form("window_size 0", edits=[vision("window_size", 0)]),
    Form("depths as a number", edits=[vision("depths", 1)]),
    Form("d_model as text", edits=[text("d_model", "64")]),
    Form("early_stopping as text", edits=[asks("early_stopping", "sometimes")]),
    Form("num_beams 0", edits=[asks("num_beams", 0)]),
    Form("decoder_start_token_id beyond the vocabulary", edits=[asks("decoder_start_token_id", 99999)]),
    Form("no decoder_start_token_id and no bos_token_id", edits=[drop(GENERATION, "decoder_start_token_id"), drop(GENERATION, "bos_token_id")]),
    Form("shortest_edge, not cropped", edits=[pixels("size", {"shortest_edge": 64})]),
    Form("size with a height alone", edits=[pixels("size", {"height": 64})]),
    Form("more encoder positions than the weights have", edits=[text("max_position_embeddings", 512)]),
    Form("more layers than the weights have", edits=[text("decoder_layers", 3)]),
]

# After all others: the number of a form chooses its questions.
ACTIVATION_FORMS: list[Form] = [
    Form(f"text {name}", edits=[text("activation_function", name)])
    for name in ("sigmoid", "tanh", "linear", "swish", "gelu_accurate", "gelu_python", "quick_gelu")
]

PRENORM_FORMS: list[Form] = [
    Form("patch_prenorm in the first stage, not in the second", base="prenorm"),
    Form("Microsoft: patch_prenorm in the first stage, not in the second and last", base="microsoft-prenorm"),
]

# Tokens that answers of the base `small` have in their midst.
END, OTHER_END = 2360, 1181

# Behind all others, so that theirs keep their questions.
END_FORMS = [
    Form("eos_token_id of two tokens", edits=[asks("eos_token_id", [2, END])]),
    Form("eos_token_id of three tokens, the usual one in the middle", edits=[asks("eos_token_id", [OTHER_END, 2, END])]),
    Form("eos_token_id of two tokens, num_beams 1", edits=[asks("eos_token_id", [2, END]), asks("num_beams", 1)]),
    Form("eos_token_id of two tokens, early_stopping false", edits=[asks("eos_token_id", [2, END]), asks("early_stopping", False)]),
    Form("eos_token_id of two tokens, num_beams 5, length_penalty 2", edits=[asks("eos_token_id", [2, OTHER_END]), asks("num_beams", 5), asks("length_penalty", 2.0)]),
    Form("eos_token_id of the same token twice", edits=[asks("eos_token_id", [2, 2])]),
    Form("eos_token_id of two tokens in text_config alone", edits=[drop(GENERATION), text("eos_token_id", [2, END]), put(CONFIG, "eos_token_id", value=[2, END])]),
    Form("resample 0, nearest", edits=[pixels("resample", 0)]),
]
