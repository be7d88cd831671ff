"""Runs the real `generate()` of whichever transformers is installed over every case of cases.py.

    python reference.py OUT.json

transformers <= 4.49 is the `classic` rule, >= 4.50 the `vectorised` one. Each case is run up to three
ways; merge.py decides from them what becomes a fixture:

  plain    as shipped: torch's float32 log_softmax, torch.topk
  exact    log_softmax computed in float64 and rounded once, as the table decoder does. Its scores can
           be compared bit by bit, and where its ids differ from `plain`, rounding decided the case.
  stable   (tie cases only) `exact`, with torch.topk replaced by a stable sort. torch.topk leaves the
           order of equal values to std::partial_sort and std::nth_element, so it is no reference there.
"""

import json
import sys
from contextlib import contextmanager

import numpy as np
import torch
import transformers
from transformers import GenerationConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput, Seq2SeqLMOutput

from cases import MODELS, Case, all_cases
from table_model import BOS, EOS, PAD, START, TableModel


class TableConfig(PretrainedConfig):
    model_type = "flocap-table"

    def __init__(self, **fields):
        super().__init__(is_encoder_decoder=True, **fields)


class TableForGeneration(PreTrainedModel, GenerationMixin):
    """Encoder-decoder as Florence-2's language model is, so that generate() keeps the same books."""

    config_class = TableConfig

    def __init__(self, config: TableConfig, table: TableModel):
        super().__init__(config)
        self.table = table
        self.anchor = torch.nn.Parameter(torch.zeros(1))  # generate() asks a parameter for its device
        self.steps = 0

    def prepare_inputs_for_generation(self, input_ids, encoder_outputs=None, decoder_input_ids=None, **kwargs):
        return {"decoder_input_ids": input_ids}

    def forward(self, decoder_input_ids=None, encoder_outputs=None, **kwargs):
        self.steps += 1
        rows = [self.table.logits(row) for row in decoder_input_ids.tolist()]
        return Seq2SeqLMOutput(logits=torch.from_numpy(np.stack(rows))[:, None, :])


def generation_config(case: Case) -> GenerationConfig:
    return GenerationConfig(
        num_beams=case.num_beams,
        max_new_tokens=case.max_new_tokens,
        early_stopping=case.early_stopping if case.num_beams > 1 else False,
        length_penalty=case.length_penalty,
        no_repeat_ngram_size=case.no_repeat_ngram_size,
        num_return_sequences=case.num_return_sequences,
        forced_bos_token_id=BOS,
        forced_eos_token_id=EOS if case.forced_eos else None,
        decoder_start_token_id=START,
        bos_token_id=BOS,
        eos_token_id=EOS,
        pad_token_id=PAD,
        do_sample=False,
        use_cache=False,
        return_dict_in_generate=True,
        output_scores=True,
    )


def run(case: Case) -> dict:
    model = TableForGeneration(TableConfig(vocab_size=MODELS[case.model].vocab), MODELS[case.model])
    model.eval()
    prompt = [START, BOS, *case.prefix] if case.prefix else [START]
    with torch.no_grad():
        output = model.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=torch.zeros(1, 1, 1)),
            decoder_input_ids=torch.tensor([prompt]),
            generation_config=generation_config(case),
        )
    for row in output.sequences.tolist():
        assert row[: len(prompt)] == prompt, (case, row)
    scores = getattr(output, "sequences_scores", None)
    return {
        # Without the start token. Whatever follows the first end token after the prompt is padding.
        "ids": [cut(row[1:], len(prompt) - 1) for row in output.sequences.tolist()],
        "scores": None if scores is None else [float(s) for s in scores],
        "steps": model.steps,
    }


def cut(ids: list[int], prompt_length: int) -> list[int]:
    for i in range(prompt_length, len(ids)):
        if ids[i] == EOS:
            return ids[: i + 1]
    return ids


@contextmanager
def replaced(owner, name, value):
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def exact_log_softmax(x, dim=-1, **_):
    return torch.log_softmax(x.double(), dim=dim).float()


def stable_topk(x, k, dim=-1, **_):
    values, indices = torch.sort(x, dim=dim, descending=True, stable=True)
    return values.narrow(dim, 0, k), indices.narrow(dim, 0, k)


def main() -> None:
    out = sys.argv[1]
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    results = {}
    for case in all_cases():
        result = {"plain": run(case)}
        with replaced(torch.nn.functional, "log_softmax", exact_log_softmax):
            result["exact"] = run(case)
            if MODELS[case.model].tie_step:
                with replaced(torch, "topk", stable_topk):
                    result["stable"] = run(case)
        results[case.name] = result
        print(case.name, result["plain"]["steps"], flush=True)
    with open(out, "w") as file:
        json.dump(
            {"transformers": transformers.__version__, "torch": torch.__version__, "results": results},
            file,
        )


if __name__ == "__main__":
    main()
