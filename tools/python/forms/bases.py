"""The checkpoints that forms are edits of: portable random weights, small and quick."""

from oracle.recipes import TOKENIZER_IDS, Recipe

_SMALL = {
    "image_size": 64,
    "window_size": 6,
    "embed_dim": (32, 32, 48, 64),
    "num_heads": (1, 2, 2, 4),
    "d_model": 64,
    "layers": (1, 2),
    "max_positions": 128,
    "pictures": ("scene-03.png", "scene-05.png"),
}

BASES = {
    recipe.name: recipe
    for recipe in [
        Recipe(name="small", covers="what most forms change a field of", seed=301, dtype="F32", **_SMALL),
        Recipe(name="untied", covers="an output matrix of its own", seed=302, untied_head=True, **_SMALL),
        Recipe(
            name="defaults",
            covers="the numbers that the libraries have as defaults, where they are small enough",
            seed=303, image_size=64, window_size=12, depths=(1, 1, 9, 1),
            embed_dim=(32, 64, 96, 128), num_heads=(4, 8, 16, 32), d_model=64,
        ),
        Recipe(
            name="deep-text",
            covers="the default layers, heads and positions of the language model",
            seed=307, **{**_SMALL, "layers": (12, 12), "max_positions": 1024}, heads=(16, 16), ffn=(64, 64),
        ),
        Recipe(
            name="wide-ffn",
            covers="the default width of the MLPs",
            seed=304, **{**_SMALL, "layers": (1, 1), "d_model": 32}, ffn=(4096, 4096), heads=(2, 2),
        ),
        Recipe(
            name="prenorm",
            covers="LayerNorm before the first convolution, over the colours, and after the second",
            seed=308, prenorm=(True, False, True, True), **_SMALL,
        ),
        Recipe(
            name="microsoft-prenorm",
            covers="the same under Microsoft's names",
            seed=309, layout="microsoft", rows=TOKENIZER_IDS, prenorm=(True, False, True, False), **_SMALL,
        ),
        Recipe(
            name="microsoft",
            covers="Microsoft's names",
            seed=305, layout="microsoft", rows=TOKENIZER_IDS, logits_bias=True, **_SMALL,
        ),
        Recipe(
            name="microsoft-defaults",
            covers="Microsoft's names and the defaults of its code",
            seed=306, layout="microsoft", image_size=64, window_size=12, depths=(1, 1, 9, 1),
            embed_dim=(32, 64, 96, 128), num_heads=(8, 16, 32, 64), d_model=64, layers=(2, 2),
        ),
    ]
}
