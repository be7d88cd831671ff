"""Exports a checkpoint the way the community's ONNX files were made: traced from PyTorch, LayerNorm in
primitive operators, the decoder with and without cache merged under an `If`, and 8-bit files by
onnxruntime's dynamic quantisation with one scale a tensor. For the benchmark's baselines only.

    python export.py CHECKPOINT TARGET
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import onnx
import torch
from florence2_naive import Decoder, Encoder, VisionEncoder
from onnx import TensorProto, helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.torch import load_file

OPSET = 14
CONFIG_FILES = ("config.json", "generation_config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json")


def load(module, tensors, prefix):
    own = {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
    wanted = module.state_dict().keys()
    module.load_state_dict({name: own[name] for name in wanted if name in own}, strict=False)
    missing = [name for name in wanted if name not in own and name != "lm_head.weight"]
    assert not missing, missing
    return module.eval().requires_grad_(False)


def export(module, arguments, path, inputs, outputs, axes, opset=OPSET):
    torch.onnx.export(
        module, arguments, str(path), input_names=inputs, output_names=outputs, dynamic_axes=axes, opset_version=opset, dynamo=False
    )
    print(path.name, path.stat().st_size // 1_000_000, "MB", flush=True)


def export_decoder(decoder, config, folder):
    text = config["text_config"]
    layers, heads, width = text["decoder_layers"], text["decoder_attention_heads"], text["d_model"]
    size = width // heads
    batch, encoded, past_length = 2, 17, 5
    names = [f"{i}.{side}.{kind}" for i in range(layers) for side in ("decoder", "encoder") for kind in ("key", "value")]
    inputs = ["encoder_attention_mask", "encoder_hidden_states", "inputs_embeds"]
    mask, hidden = torch.ones(batch, encoded, dtype=torch.int64), torch.randn(batch, encoded, width)
    axes = {
        "encoder_attention_mask": {0: "batch_size", 1: "encoder_sequence_length"},
        "encoder_hidden_states": {0: "batch_size", 1: "encoder_sequence_length"},
        "inputs_embeds": {0: "batch_size", 1: "decoder_sequence_length"},
        "logits": {0: "batch_size", 1: "decoder_sequence_length"},
    }
    first_axes = axes | {f"present.{name}": {0: "batch_size", 2: "length"} for name in names}
    first = folder / "decoder_model.onnx"
    export(decoder, (mask, hidden, torch.randn(batch, 3, width)), first, inputs, ["logits"] + [f"present.{n}" for n in names], first_axes)
    past = [torch.randn(batch, heads, past_length if "decoder" in name else encoded, size) for name in names]
    own = [name for name in names if "decoder" in name]
    later_axes = (
        axes
        | {f"past_key_values.{name}": {0: "batch_size", 2: "past" if "decoder" in name else "encoded"} for name in names}
        | {f"present.{name}": {0: "batch_size", 2: "length"} for name in own}
    )
    later = folder / "decoder_with_past_model.onnx"
    export(
        decoder,
        (mask, hidden, torch.randn(batch, 1, width), *past),
        later,
        inputs + [f"past_key_values.{name}" for name in names],
        ["logits"] + [f"present.{name}" for name in own],
        later_axes,
    )
    merge(first, later, folder / "decoder_model_merged.onnx", names, heads, size, text["vocab_size"])
    first.unlink()
    later.unlink()


def merge(first_path, later_path, target, names, heads, size, vocabulary):
    """Both decoders under one `If` on use_cache_branch, sharing their weights."""
    first, later = onnx.load(first_path).graph, onnx.load(later_path).graph
    shared = {}
    for graph in (first, later):
        renamed = {}
        for tensor in graph.initializer:
            key = (tuple(tensor.dims), tensor.data_type, hashlib.sha1(tensor.SerializeToString() if not tensor.raw_data else tensor.raw_data).hexdigest())
            if key not in shared:
                copy = onnx.TensorProto()
                copy.CopyFrom(tensor)
                copy.name = f"shared_{len(shared)}"
                shared[key] = copy
            renamed[tensor.name] = shared[key].name
        del graph.initializer[:]
        for node in graph.node:
            for i, name in enumerate(node.input):
                node.input[i] = renamed.get(name, name)
    known = {value.name for value in later.input}
    inputs = list(later.input) + [value for value in first.input if value.name not in known]
    kept = {value.name for value in inputs} | {tensor.name for tensor in shared.values()}
    output_names = ["logits"] + [f"present.{name}" for name in names]
    for prefix, graph in (("first/", first), ("later/", later)):
        for node in graph.node:
            node.name = prefix + node.name
            for i, name in enumerate(node.input):
                node.input[i] = name if not name or name in kept else prefix + name
            for i, name in enumerate(node.output):
                node.output[i] = prefix + name
        have = {value.name for value in graph.output}
        outputs = []
        for name in output_names:
            if name not in have:
                # The cross-attention cache does not change: an empty tensor stands for it.
                empty = helper.make_tensor(f"{prefix}{name}/value", TensorProto.FLOAT, [0, heads, 1, size], [])
                graph.node.append(helper.make_node("Constant", [], [prefix + name], value=empty, name=prefix + name))
            outputs.append(helper.make_tensor_value_info(prefix + name, TensorProto.FLOAT, None))
        del graph.input[:], graph.output[:], graph.value_info[:]
        graph.output.extend(outputs)
    node = helper.make_node("If", ["use_cache_branch"], output_names, then_branch=later, else_branch=first, name="if_cache")
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch_size", "decoder_sequence_length", vocabulary])]
    outputs += [helper.make_tensor_value_info(f"present.{n}", TensorProto.FLOAT, [f"batch.{n}", heads, f"length.{n}", size]) for n in names]
    flag = helper.make_tensor_value_info("use_cache_branch", TensorProto.BOOL, [1])
    graph = helper.make_graph([node], "merged", inputs + [flag], outputs, list(shared.values()))
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8), target)
    print(target.name, target.stat().st_size // 1_000_000, "MB", flush=True)


def quantise(path):
    """As the published files: unsigned weights where the graph has convolutions."""
    operators = {node.op_type for node in onnx.load(path, load_external_data=False).graph.node}
    weight_type = QuantType.QUInt8 if "Conv" in operators else QuantType.QInt8
    target = path.with_name(f"{path.stem}_quantized.onnx")
    options = {"EnableSubgraph": True, "MatMulConstBOnly": True}
    quantize_dynamic(path, target, per_channel=False, reduce_range=False, weight_type=weight_type, extra_options=options)
    print(target.name, target.stat().st_size // 1_000_000, "MB", flush=True)


def main(checkpoint, target):
    config = json.loads((checkpoint / "config.json").read_text())
    tensors = {name: value.float() for name, value in load_file(checkpoint / "model.safetensors").items()}
    folder = target / "onnx"
    folder.mkdir(parents=True, exist_ok=True)
    for name in CONFIG_FILES:
        shutil.copy(checkpoint / name, target / name)
    size = json.loads((checkpoint / "preprocessor_config.json").read_text())["size"]["height"]

    vision = load(VisionEncoder(config), tensors, "model.")
    axes = {"pixel_values": {0: "batch_size"}, "image_features": {0: "batch_size"}}
    export(vision, (torch.randn(1, 3, size, size),), folder / "vision_encoder.onnx", ["pixel_values"], ["image_features"], axes)

    embedding = tensors["model.language_model.shared.weight"]
    lookup = torch.nn.Embedding.from_pretrained(embedding)
    axes = {"input_ids": {0: "batch_size", 1: "sequence_length"}, "inputs_embeds": {0: "batch_size", 1: "sequence_length"}}
    export(lookup, (torch.ones(1, 4, dtype=torch.int64),), folder / "embed_tokens.onnx", ["input_ids"], ["inputs_embeds"], axes)

    encoder = load(Encoder(config), tensors, "model.language_model.encoder.")
    axes = {name: {0: "batch_size", 1: "encoder_sequence_length"} for name in ("attention_mask", "inputs_embeds", "last_hidden_state")}
    example = (torch.ones(2, 17, dtype=torch.int64), torch.randn(2, 17, embedding.shape[1]))
    export(encoder, example, folder / "encoder_model.onnx", ["attention_mask", "inputs_embeds"], ["last_hidden_state"], axes)

    decoder = load(Decoder(config, embedding), tensors, "model.language_model.decoder.")
    export_decoder(decoder, config, folder)
    for name in ("vision_encoder", "embed_tokens", "encoder_model", "decoder_model_merged"):
        quantise(folder / f"{name}.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
