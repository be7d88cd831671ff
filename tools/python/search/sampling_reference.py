"""Distributions that the real `generate(do_sample=True)` draws its next token from.

    python sampling_reference.py FIXTURES_DIR

Random numbers cannot be matched across runtimes, distributions can: for each case the processed
scores of one step (trigram ban, temperature, top-k 50, top-p), as probabilities.
"""

import json
import sys
from pathlib import Path
from random import Random

import torch
import transformers
from transformers import GenerationConfig
from transformers.modeling_outputs import BaseModelOutput

from cases import MODELS, TIED
from merge import shortest
from reference import TableConfig, TableForGeneration
from table_model import BOS, EOS, PAD, START

TOP_K = 50
TEMPERATURES = (0.5, 1.0, 1.0, 1.5, 3.0)
TOP_PS = (1.0, 0.95, 0.9, 0.7, 0.4)
ROWS = 60


def distribution(model: int, prompt: list[int], temperature: float, top_p: float) -> torch.Tensor:
    table = TableForGeneration(TableConfig(vocab_size=MODELS[model].vocab), MODELS[model])
    output = table.generate(
        encoder_outputs=BaseModelOutput(last_hidden_state=torch.zeros(1, 1, 1)),
        decoder_input_ids=torch.tensor([prompt]),
        generation_config=GenerationConfig(
            do_sample=True,
            temperature=temperature,
            top_k=TOP_K,
            top_p=top_p,
            no_repeat_ngram_size=3,
            max_new_tokens=3,
            forced_bos_token_id=BOS,
            forced_eos_token_id=EOS,
            decoder_start_token_id=START,
            bos_token_id=BOS,
            eos_token_id=EOS,
            pad_token_id=PAD,
            use_cache=False,
            return_dict_in_generate=True,
            output_scores=True,
        ),
    )
    return torch.softmax(output.scores[0][0], dim=-1)


def main() -> None:
    transformers.logging.set_verbosity_error()
    random = Random(7)
    rows = []
    for number in range(ROWS):
        model = number % TIED.start
        vocab = MODELS[model].vocab
        loop = [random.randrange(3, vocab) for _ in range(random.choice((2, 3, 4)))]
        # A prompt that went round a loop more than once, so that the ban has something to forbid.
        prompt = [START, BOS, *(loop * random.choice((1, 2, 3)))]
        temperature, top_p = random.choice(TEMPERATURES), random.choice(TOP_PS)
        probabilities = distribution(model, prompt, temperature, top_p)
        kept = torch.nonzero(probabilities)[:, 0].tolist()
        kept.sort(key=lambda token: (-float(probabilities[token]), token))
        rows.append(
            {
                "model": model,
                "prompt": prompt,
                "temperature": temperature,
                "topP": top_p,
                "tokens": kept,
                "probabilities": [shortest(float(probabilities[token])) for token in kept],
            }
        )
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    head = f'{{"transformers":"{transformers.__version__}","topK":{TOP_K},"rows":[\n'
    (Path(sys.argv[1]) / "sampling.json").write_text(f"{head}{lines}\n]}}\n")


if __name__ == "__main__":
    main()
