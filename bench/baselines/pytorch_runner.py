"""transformers on PyTorch behind the benchmark's protocol.

python pytorch_runner.py CHECKPOINT float32|bfloat16
"""

import io
import sys

import torch
from line_protocol import serve
from PIL import Image
from transformers import AutoProcessor, Florence2ForConditionalGeneration
from transformers.utils import logging

logging.set_verbosity_error()
folder, dtype = sys.argv[1:]
model = Florence2ForConditionalGeneration.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
processor = AutoProcessor.from_pretrained(folder)


@torch.inference_mode()
def caption(picture, tokens, beams):
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    inputs = processor(text="<MORE_DETAILED_CAPTION>", images=image, return_tensors="pt").to(model.dtype)
    ids = model.generate(**inputs, max_new_tokens=tokens, num_beams=beams, do_sample=False)
    text = processor.batch_decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)[0]
    return ids[0, 1:].tolist(), text


serve(caption)
