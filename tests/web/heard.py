"""What the page plays, as numbers: every source that it starts, rendered again without a sound card."""

import base64
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

SAMPLE_RATE = 44_100
HOP_SECONDS = 0.002
PATIENCE_SECONDS = 30

# Notes each source that starts on the page's clock, the gains that voices fade in to (the mix's is 1), by
# the parameter that each is of, and listens at the loudspeaker.
LISTEN = """
window.started = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when, offset) {
  if (this.context instanceof AudioContext) {
    const { buffer, loop, loopStart, loopEnd } = this;
    window.started.push({ buffer, when, offset, loop, loopStart, loopEnd });
  }
  return start.apply(this, arguments);
};
window.gains = [];
window.faded = new Map();
for (const name of ["setValueAtTime", "linearRampToValueAtTime"]) {
  const original = AudioParam.prototype[name];
  AudioParam.prototype[name] = function (value, when) {
    if (value !== 0 && value !== 1) window.gains.push(value);
    if (value !== 0) window.faded.set(this, (window.faded.get(this) ?? new Set()).add(value));
    return original.call(this, value, when);
  };
}
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target === this.context.destination && this.context instanceof AudioContext) {
    window.ear = new AnalyserNode(this.context, { fftSize: 8192 });
    connect.call(this, window.ear);
  }
  return connect.call(this, target, ...rest);
};
"""

# All of a source's sound, on the mix's timeline.
READ = """
(index) => {
  const bytes = new Uint8Array(window.started.at(index).buffer.getChannelData(0).slice().buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(text);
}
"""

RENDER = """
async ([index, seconds]) => {
  const base = Math.min(...window.started.slice(-2).map((each) => each.when));
  const { buffer, when, offset, loop, loopStart, loopEnd } = window.started.at(index);
  const context = new OfflineAudioContext(1, Math.round(seconds * buffer.sampleRate), buffer.sampleRate);
  const source = new AudioBufferSourceNode(context, { buffer, loop, loopStart, loopEnd });
  source.connect(context.destination);
  source.start(when - base, offset);
  const bytes = new Uint8Array((await context.startRendering()).getChannelData(0).buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return { sound: btoa(text), when, offset, loopStart, loopEnd };
}
"""


@dataclass(frozen=True)
class Started:
    """One source: its sound [T] from the moment when the first of the last two started."""

    sound: NDArray[np.float32]
    when: float
    offset: float
    loop_start: float
    loop_end: float


def count_started(page: Page) -> int:
    """How many sources were started so far."""
    return int(page.evaluate("window.started.length"))


def wait_for_started(page: Page, more_than: int) -> None:
    """Until another source has started."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    # Playwright's own waiting evaluates text, which the page's policy forbids.
    while count_started(page) <= more_than:
        if time.monotonic() > deadline:
            raise AssertionError(f"No more than {more_than} sources were started.")
        page.wait_for_timeout(50)


def sound_of(page: Page, index: int) -> NDArray[np.float32]:
    """The whole sound [T] of the source `index`, as it lies on the mix's timeline."""
    return np.frombuffer(base64.b64decode(page.evaluate(READ, index)), np.float32)


def render_started(page: Page, index: int, seconds: float) -> Started:
    """The source `index` of those that were started, -1 for the last."""
    answer = page.evaluate(RENDER, [index, seconds])
    return Started(
        sound=np.frombuffer(base64.b64decode(answer["sound"]), np.float32),
        when=answer["when"],
        offset=answer["offset"],
        loop_start=answer["loopStart"],
        loop_end=answer["loopEnd"],
    )


def loudest_heard(page: Page) -> float:
    """Largest sample at the loudspeaker in the last moments."""
    return float(
        page.evaluate(
            "() => { const heard = new Float32Array(window.ear.fftSize);"
            " window.ear.getFloatTimeDomainData(heard); return Math.max(...heard.map(Math.abs)); }"
        )
    )


def onsets(sound: NDArray[np.float32], sample_rate: int = SAMPLE_RATE) -> NDArray[np.float64]:
    """How much louder `sound` [T] gets, every two milliseconds."""
    hop = round(HOP_SECONDS * sample_rate)
    frames = np.square(sound[: len(sound) // hop * hop], dtype=np.float64).reshape(-1, hop).mean(axis=1)
    levels = np.log10(np.convolve(frames, np.ones(5) / 5, mode="same") + 1e-7)
    return np.maximum(np.diff(levels, prepend=levels[0]), 0.0)


def lag_seconds(heard: NDArray[np.float64], expected: NDArray[np.float64], most: float = 0.25) -> float:
    """By how many seconds `heard` comes after `expected`, both onsets of equal length."""
    steps = round(most / HOP_SECONDS)
    scores = [
        float(np.dot(heard[steps:-steps], np.roll(expected, shift)[steps:-steps]))
        for shift in range(-steps, steps + 1)
    ]
    return (int(np.argmax(scores)) - steps) * HOP_SECONDS
