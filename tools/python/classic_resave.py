"""Loads the configuration of a checkpoint with Microsoft's names and saves it: run by resaves.py.

    python classic_resave.py SOURCE TARGET

The classes have the fields of Microsoft's; what the library moves between config.json and
generation_config.json is its own doing.
"""

import sys

import transformers
from transformers import BartConfig, CLIPImageProcessor, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.models.bart.modeling_bart import BartForConditionalGeneration


class VisionConfig(PretrainedConfig):
    model_type = "davit"


class LanguageConfig(BartConfig):
    model_type = "florence2_language"


class Florence2Config(PretrainedConfig):
    model_type = "florence2"
    is_composition = False

    def __init__(self, vision_config=None, text_config=None, **kwargs):
        self.vision_config = VisionConfig(**(vision_config or {}))
        self.text_config = LanguageConfig(**(text_config or {}))
        super().__init__(**kwargs)


class Florence2ForConditionalGeneration(PreTrainedModel, GenerationMixin):
    config_class = Florence2Config

    def __init__(self, config):
        super().__init__(config)
        self.language_model = BartForConditionalGeneration(config.text_config)

    def forward(self, **kwargs):
        return self.language_model(**kwargs)


def main() -> None:
    source, target = sys.argv[1:]
    config = Florence2Config.from_pretrained(source)
    model = Florence2ForConditionalGeneration(config)
    # from_pretrained reads generation_config.json where there is one.
    model.generation_config = transformers.GenerationConfig.from_pretrained(source)
    model.save_pretrained(target)
    CLIPImageProcessor.from_pretrained(source).save_pretrained(target)
    print(transformers.__version__)


if __name__ == "__main__":
    main()
