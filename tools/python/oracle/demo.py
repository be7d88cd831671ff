"""The bundled model as the references read it."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

DEMO = "flocap-demo"
ROOT = Path(__file__).resolve().parents[3]
DEMO_FOLDER = ROOT / "models" / DEMO
SAMPLES = DEMO_FOLDER / "samples"


def load_demo() -> tuple[dict, dict[str, np.ndarray]]:
    """config.json and the state by native names, float16 values as float32."""
    config = json.loads((DEMO_FOLDER / "config.json").read_text())
    state = load_file(DEMO_FOLDER / "model.safetensors")
    return config, {name: values.astype(np.float32) for name, values in state.items()}
