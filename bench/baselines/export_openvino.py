"""Converts a checkpoint to OpenVINO as its own users would: three static-batch models in float32, the
decoder with its own keys and values as state, the cross-attention ones given. For the benchmark only.

    python export_openvino.py CHECKPOINT TARGET
"""

import json
import shutil
import sys
from pathlib import Path

import openvino as ov
import torch
from export import CONFIG_FILES, load
from florence2_naive import Decoder, Encoder, VisionEncoder
from openvino._offline_transformations import apply_make_stateful_transformation
from safetensors.torch import load_file
from torch import nn

DYNAMIC = -1


class Prefill(nn.Module):
    """Prompt and image features to the cross-attention keys and values of every decoder layer."""

    def __init__(self, encoder, decoder, embedding):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.embedding = nn.Embedding.from_pretrained(embedding)

    def forward(self, input_ids, image_features):
        embeds = torch.cat([image_features, self.embedding(input_ids)], 1)
        hidden = self.encoder(torch.ones(embeds.shape[:2], dtype=torch.int64), embeds)
        caches = []
        for layer in self.decoder.layers:
            attention = layer.encoder_attn
            caches += [attention.split(attention.k_proj(hidden)), attention.split(attention.v_proj(hidden))]
        return tuple(caches)


class Step(nn.Module):
    """One token to the logits of the next."""

    def __init__(self, decoder, embedding):
        super().__init__()
        self.decoder = decoder
        self.embedding = nn.Embedding.from_pretrained(embedding)

    def forward(self, input_ids, *caches):
        past = caches
        mask = torch.ones(1, past[2].shape[2], dtype=torch.int64)
        # With a complete cross-attention cache the encoder's output is only asked for being there.
        logits, *own = self.decoder(mask, past[2], self.embedding(input_ids), *past)
        return (logits[:, -1], *own)


def name(model, inputs, outputs):
    for port, label in zip(model.inputs, inputs):
        port.get_tensor().set_names({label})
    for port, label in zip(model.outputs, outputs):
        port.get_tensor().set_names({label})


def save(model, path):
    ov.save_model(model, path, compress_to_fp16=False)
    print(path.name, path.with_suffix(".bin").stat().st_size // 1_000_000, "MB", flush=True)


def main(checkpoint, target):
    config = json.loads((checkpoint / "config.json").read_text())
    text = config["text_config"]
    layers, heads = text["decoder_layers"], text["decoder_attention_heads"]
    head_size = text["d_model"] // heads
    tensors = {key: value.float() for key, value in load_file(checkpoint / "model.safetensors").items()}
    target.mkdir(parents=True, exist_ok=True)
    for file in CONFIG_FILES:
        shutil.copy(checkpoint / file, target / file)
    size = json.loads((checkpoint / "preprocessor_config.json").read_text())["size"]["height"]
    embedding = tensors["model.language_model.shared.weight"]

    vision = load(VisionEncoder(config), tensors, "model.")
    model = ov.convert_model(vision, example_input=torch.randn(1, 3, size, size), input=[1, 3, size, size])
    name(model, ["pixel_values"], ["image_features"])
    save(model, target / "vision.xml")

    encoder = load(Encoder(config), tensors, "model.language_model.encoder.")
    decoder = load(Decoder(config, embedding), tensors, "model.language_model.decoder.")
    width, image_tokens = embedding.shape[1], (size // 32) ** 2 + 1
    example = (torch.ones(1, 13, dtype=torch.int64), torch.randn(1, image_tokens, width))
    model = ov.convert_model(Prefill(encoder, decoder, embedding), example_input=example, input=[[1, DYNAMIC], [1, image_tokens, width]])
    cross = [f"{i}.encoder.{kind}" for i in range(layers) for kind in ("key", "value")]
    name(model, ["input_ids", "image_features"], cross)
    save(model, target / "prefill.xml")

    names = [f"{i}.{side}.{kind}" for i in range(layers) for side in ("decoder", "encoder") for kind in ("key", "value")]
    own = [label for label in names if "decoder" in label]
    past = [torch.randn(1, heads, 5 if label in own else 17, head_size) for label in names]
    model = ov.convert_model(
        Step(decoder, embedding),
        example_input=(torch.ones(1, 1, dtype=torch.int64), *past),
        input=[[1, 1], *([1, heads, DYNAMIC, head_size] for _ in names)],
    )
    name(model, ["input_ids", *names], ["logits", *(f"present.{label}" for label in own)])
    apply_make_stateful_transformation(model, {label: f"present.{label}" for label in own})
    save(model, target / "decoder.xml")


if __name__ == "__main__":
    with torch.no_grad():
        main(Path(sys.argv[1]), Path(sys.argv[2]))
