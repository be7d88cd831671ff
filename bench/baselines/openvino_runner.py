"""OpenVINO behind the benchmark's protocol: greedy search over what export_openvino.py wrote.

python openvino_runner.py FOLDER f32|bf16
"""

import io
import json
import sys
from pathlib import Path

import numpy as np
import openvino as ov
from line_protocol import serve
from PIL import Image
from tokenizers import Tokenizer

PROMPT = "Describe with a paragraph what is shown in the image."

folder, precision = Path(sys.argv[1]), sys.argv[2]
text_config = json.loads((folder / "config.json").read_text())["text_config"]
pictures = json.loads((folder / "preprocessor_config.json").read_text())
mean, deviation = (np.array(pictures[f"image_{name}"], np.float32) for name in ("mean", "std"))
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
core = ov.Core()


def compile_request(name):
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
    return core.compile_model(folder / f"{name}.xml", "CPU", options).create_infer_request()


vision, prefill, decoder = (compile_request(name) for name in ("vision", "prefill", "decoder"))
cross_names = [f"{i}.encoder.{kind}" for i in range(text_config["decoder_layers"]) for kind in ("key", "value")]


def to_pixels(picture):
    size = pictures["size"]
    image = Image.open(io.BytesIO(picture)).convert("RGB").resize((size["width"], size["height"]), Image.Resampling.BICUBIC)
    pixels = (np.asarray(image, np.float32) * np.float32(pictures["rescale_factor"]) - mean) / deviation
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def banned(ids, size):
    """Tokens that would repeat an n-gram of this size."""
    if len(ids) + 1 < size:
        return []
    end = tuple(ids[len(ids) - size + 1 :])
    return [ids[i + size - 1] for i in range(len(ids) - size + 1) if tuple(ids[i : i + size - 1]) == end]


def caption(picture, tokens, beams):
    if beams != 1:
        raise ValueError("this baseline searches greedily only")
    features = vision.infer({"pixel_values": to_pixels(picture)}, share_inputs=True)["image_features"]
    prompt = np.array([tokenizer.encode(PROMPT).ids], np.int64)
    cross = prefill.infer({"input_ids": prompt, "image_features": features}, share_inputs=True)
    for name in cross_names:
        decoder.set_tensor(name, ov.Tensor(cross[name], shared_memory=True))
    decoder.reset_state()
    ids = [text_config["decoder_start_token_id"]]
    for step in range(tokens):
        decoder.set_tensor("input_ids", ov.Tensor(np.array([[ids[-1]]], np.int64)))
        decoder.infer()
        logits = decoder.get_tensor("logits").data[0]
        logits[banned(ids, text_config["no_repeat_ngram_size"])] = -np.inf
        # As generate() does: the first and the last token are given.
        token = int(logits.argmax())
        if step == 0:
            token = text_config["forced_bos_token_id"]
        if step == tokens - 1:
            token = text_config["forced_eos_token_id"]
        ids.append(token)
        if token == text_config["eos_token_id"]:
            break
    return ids[1:], tokenizer.decode(ids, skip_special_tokens=True)


serve(caption)
