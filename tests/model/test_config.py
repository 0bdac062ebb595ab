"""What a config accepts, and what it derives."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audio.decode import SAMPLE_RATE
from audio.windows import WINDOW_SAMPLES
from model.config import Config
from model.config_sections import EncoderConfig, FrontEndConfig, HeadConfig
from model.config_values import ConfigError
from model.train_config import TrainConfig
from tests.model.configs import CONFIGS, small_vit, tiny, write_toml

NAMES = {"compact": "compact", "paper": "stem-jepa", "tiny": "tiny"}


@pytest.mark.parametrize("file", NAMES)
def test_every_config_that_we_ship_loads(file: str) -> None:
    assert Config.from_toml(CONFIGS / f"{file}.toml").name == NAMES[file]


def test_no_config_that_we_ship_is_left_untested() -> None:
    assert sorted(path.stem for path in CONFIGS.glob("*.toml")) == sorted(NAMES)


@pytest.mark.parametrize("file", NAMES)
def test_a_config_survives_being_saved(file: str) -> None:
    config = Config.from_toml(CONFIGS / f"{file}.toml")
    assert Config.from_dict(config.to_dict()) == config


def test_lists_become_tuples_so_that_a_config_stays_frozen() -> None:
    config = Config.from_dict({"encoder": {"channels": [4, 8], "strides": [2, 2]}})
    assert config.encoder.channels == (4, 8)
    assert hash(config) == hash(config)


def test_a_written_config_is_the_config_that_was_written(tmp_path: Path) -> None:
    config = tiny(steps=3, learning_rate=0.5)
    assert Config.from_toml(write_toml(tmp_path / "config.toml", config)) == config


def test_an_unknown_section_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"Unknown option frontend\. Known: encoder, front_end, head, loss"):
        Config.from_dict({"frontend": {}})


def test_an_unknown_option_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"Unknown option encoder\.widht\. Known: .*width"):
        Config.from_dict({"encoder": {"widht": 3}})


def test_an_option_that_is_gone_may_still_say_what_is_so_today() -> None:
    assert Config.from_dict({"train": {"siblings": False, "relatives": 0.0, "steps": 3}}) == Config.from_dict(
        {"train": {"steps": 3}}
    )


def test_an_option_that_is_gone_cannot_be_asked_for() -> None:
    with pytest.raises(ConfigError, match=r"Unknown option train\.siblings"):
        Config.from_dict({"train": {"siblings": True}})


def test_an_unknown_choice_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"encoder\.kind = 'cnn', but it must be one of \('vit', 'conv'\)"):
        Config.from_dict({"encoder": {"kind": "cnn"}})


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"train": {"steps": "forty"}}, r"train\.steps = 'forty', but it must be of type int"),
        ({"train": {"steps": 1.5}}, r"train\.steps = 1\.5, but it must be of type int"),
        ({"train": {"bfloat16": 1}}, r"train\.bfloat16 = 1, but it must be of type bool"),
        ({"train": {"betas": 0.9}}, r"train\.betas = 0\.9, but it must be a list"),
        ({"encoder": {"channels": ["a"], "strides": [1]}}, r"encoder\.channels = 'a', but it must be of"),
        ({"encoder": {"kind": 3}}, r"encoder\.kind = 3, but it must be one of"),
        ({"encoder": "conv"}, r"encoder = 'conv', but it is a section: write \[encoder\]"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        Config.from_dict(values)


def test_a_whole_number_will_do_for_a_real_one() -> None:
    assert Config.from_dict({"train": {"learning_rate": 1}}).train.learning_rate == 1.0


def test_a_vit_cannot_have_tokens_in_order() -> None:
    with pytest.raises(ConfigError, match=r"A vit encoder needs head\.kind = 'time_average'"):
        replace(small_vit(), head=HeadConfig("tokens"))


def test_bins_must_be_whole_patches() -> None:
    with pytest.raises(ConfigError, match=r"must be a multiple of the patch \(16\)"):
        replace(small_vit(), front_end=FrontEndConfig("log_mel", bins=81))


@pytest.mark.parametrize("width", [33, 34])
def test_a_vit_needs_a_width_for_its_heads_and_positions(width: int) -> None:
    with pytest.raises(ConfigError, match=r"encoder\.width must be a multiple"):
        replace(small_vit(), encoder=EncoderConfig("vit", width=width, heads=2))


def test_each_folding_layer_needs_a_stride() -> None:
    with pytest.raises(ConfigError, match="one entry a layer"):
        Config(encoder=EncoderConfig(channels=(8, 8, 8), strides=(2, 2)))


def test_tokens_must_fill_a_window() -> None:
    with pytest.raises(ConfigError, match="token_frames must divide the 256 frames"):
        Config(head=HeadConfig(token_frames=7))


def test_a_hop_must_divide_a_window() -> None:
    with pytest.raises(ConfigError, match="hop_samples must divide 128000"):
        Config(front_end=FrontEndConfig(hop_samples=300))


def test_bins_above_half_the_sample_rate_are_refused() -> None:
    with pytest.raises(ConfigError, match="beyond 8000 Hz"):
        Config(front_end=FrontEndConfig(bins=190))


@pytest.mark.parametrize("batch", [0, 5])
def test_a_batch_must_be_shared_evenly_by_its_types(batch: int) -> None:
    with pytest.raises(ConfigError, match=r"must be a multiple of train\.types_per_batch"):
        Config(train=TrainConfig(batch=batch, types_per_batch=2))


@pytest.mark.parametrize("number", [0, -1])
@pytest.mark.parametrize(
    "option",
    [
        "front_end.bins",
        "front_end.hop_samples",
        "front_end.lowest_hz",
        "front_end.bins_per_octave",
        "front_end.deviation",
        "encoder.width",
        "encoder.heads",
        "encoder.patch",
        "head.token_frames",
        "loss.temperature",
        "train.types_per_batch",
        "train.validate_every",
        "train.checkpoint_every",
    ],
)
def test_what_is_divided_by_is_more_than_0(option: str, number: int) -> None:
    section, name = option.split(".")
    for config in (tiny(), small_vit()):
        values = config.to_dict()
        values[section] |= {name: number}
        with pytest.raises(ConfigError, match=rf"^{section}\.{name} must be more than 0\.$"):
            Config.from_dict(values)


@pytest.mark.parametrize("changes", [{"channels": [0, 8]}, {"strides": [2, 0]}])
def test_a_folding_layer_has_channels_and_a_stride(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="must be more than 0"):
        Config.from_dict({"encoder": {"channels": [8, 8], "strides": [2, 2], **changes}})


@pytest.mark.parametrize("seconds", [0.03125, 0.25])
def test_a_search_has_wrong_offsets_on_at_least_one_side(seconds: float) -> None:
    with pytest.raises(ConfigError, match=r"search_seconds must be 0, or more than 0\.25"):
        tiny(search_seconds=seconds)
    assert tiny(search_seconds=0.28125).search_frames == 9


def test_a_training_without_steps_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        tiny(steps=0)


def test_the_paper_has_250_patches_and_3840_numbers() -> None:
    config = Config.from_toml(CONFIGS / "paper.toml")
    assert (config.front_end.frames, config.bands, config.moments) == (800, 5, 50)
    assert config.dimension == 3840
    assert config.query_hop_samples == WINDOW_SAMPLES


def test_the_shipped_model_asks_every_31_milliseconds_with_640_numbers() -> None:
    config = Config.from_toml(CONFIGS / "compact.toml")
    assert (config.front_end.frames, config.bands, config.moments) == (256, 1, 256)
    assert config.dimension == 640
    assert config.query_hop_samples / config.sample_rate == 0.03125


def test_every_network_hears_what_the_decoder_gives() -> None:
    assert tiny().sample_rate == SAMPLE_RATE
