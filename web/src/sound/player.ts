/** Plays the mix and one stem on one clock, the AudioContext's. */

import type { Levels } from "../music/balance.ts";
import { LARGEST_PEAK } from "../music/loudness.ts";
import { enterLoop, playedSecond, type Span } from "../music/placement.ts";
import { SAMPLE_RATE } from "./decode.ts";
import { Voice } from "./voice.ts";

/** Ahead of now: what is scheduled this early starts on its sample. */
const AHEAD_SECONDS = 0.04;
const SMOOTH_SECONDS = 0.015;
/** Longer, and the browser does not mean to. */
const START_MS = 3000;
/** A context that runs keeps the sound device, and the processor, awake. */
const REST_MS = 10_000;
/** A mix at full scale and a stem at its largest peak do not clip together. */
const HEADROOM = 1 / (1 + LARGEST_PEAK);

interface Graph {
  readonly context: AudioContext;
  readonly mix: GainNode;
  readonly stem: GainNode;
}

interface Playing {
  /** The context's time at which second `from` of the mix sounds. */
  readonly startedAt: number;
  readonly from: number;
  readonly mix: Voice;
  stem: Voice | null;
}

export class SilentError extends Error {
  override readonly name = "SilentError";
}

export class Player {
  /** Told when the browser or the system ends what plays: a call comes in, the sound device goes. */
  onInterrupted: () => void = () => undefined;
  #graph: Graph | null = null;
  #playing: Playing | null = null;
  #mix: AudioBuffer | null = null;
  #stem: AudioBuffer | null = null;
  #stemGain = 1;
  #levels: Levels = { mix: 1, stem: 1 };
  #loop: Span | null = null;
  #resting = 0;
  /** Counts starts and stops: a start that was stopped while the browser took its time is none. */
  #turn = 0;
  #timer = 0;

  get isPlaying(): boolean {
    return this.#playing !== null;
  }

  get seconds(): number {
    return this.#mix?.duration ?? 0;
  }

  /** Second of the mix that is heard now. */
  get position(): number {
    if (this.#graph === null || this.#playing === null) return this.#resting;
    const { context } = this.#graph;
    return this.#secondAt(context.currentTime - latencyOf(context));
  }

  /** Another mix; playing stops. */
  setMix(sound: AudioBuffer | null): void {
    this.pause();
    this.#mix = sound;
    this.#stem = null;
    this.#resting = 0;
  }

  /** Another stem, laid on the mix's timeline; if playing, it takes over without a gap. */
  setStem(sound: AudioBuffer | null, gain: number): void {
    this.#stem = sound;
    this.#stemGain = gain;
    if (this.#graph === null || this.#playing === null) return;
    const when = this.#soon(this.#graph);
    this.#playing.stem?.stop(when);
    this.#playing.stem = this.#startStem(this.#graph, when, this.#secondAt(when));
  }

  setLevels(levels: Levels): void {
    this.#levels = levels;
    if (this.#graph !== null) this.#applyLevels(this.#graph, SMOOTH_SECONDS);
  }

  /** The part to go round in; null to play on. What plays outside of it moves into it on the beat. */
  setLoop(loop: Span | null, bpm: number | null): void {
    if (loop?.start === this.#loop?.start && loop?.end === this.#loop?.end) return;
    this.#goOn((second) => {
      this.#loop = loop;
      return loop === null ? second : enterLoop(second, loop, bpm);
    });
    this.#loop = loop;
  }

  /** Go on so many seconds further, or back, without losing a sample: whole bars keep the beat. */
  skip(seconds: number): void {
    if (this.isPlaying) this.#goOn((second) => Math.min(Math.max(0, second + seconds), this.seconds));
    else this.#resting = Math.min(Math.max(0, this.#resting + seconds), this.seconds);
  }

  /** Start at a second of the mix, by default where it stopped. False if it was stopped again meanwhile.
   *
   * @throws SilentError The browser does not let it sound.
   */
  async play(from: number = this.#resting): Promise<boolean> {
    if (this.#mix === null) return false;
    const turn = ++this.#turn;
    window.clearTimeout(this.#timer);
    this.#graph ??= this.#createGraph();
    await running(this.#graph.context);
    if (turn !== this.#turn) return false;
    this.#restart(from, this.#soon(this.#graph));
    return true;
  }

  pause(): void {
    this.#turn++;
    if (this.#graph === null || this.#playing === null) return;
    this.#resting = this.position;
    const { context } = this.#graph;
    this.#stopVoices(context.currentTime);
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void context.suspend(), REST_MS);
  }

  seek(second: number): void {
    this.#resting = second;
    this.#goOn(() => second);
  }

  #createGraph(): Graph {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: "interactive" });
    const master = new GainNode(context, { gain: HEADROOM });
    const mix = new GainNode(context);
    const stem = new GainNode(context);
    mix.connect(master);
    stem.connect(master);
    master.connect(context.destination);
    const graph = { context, mix, stem };
    context.onstatechange = () => this.#notice(context);
    this.#applyLevels(graph, 0);
    return graph;
  }

  #notice(context: AudioContext): void {
    if (context.state === "running" || this.#playing === null) return;
    this.pause();
    this.onInterrupted();
  }

  #applyLevels(graph: Graph, smooth: number): void {
    const now = graph.context.currentTime;
    for (const [gain, level] of [[graph.mix.gain, this.#levels.mix], [graph.stem.gain, this.#levels.stem]] as const) {
      if (smooth === 0) gain.value = level;
      else gain.setTargetAtTime(level, now, smooth);
    }
  }

  #soon(graph: Graph): number {
    return graph.context.currentTime + AHEAD_SECONDS;
  }

  /** Go on where `choose` says, given the second that would sound in the moment of the change. */
  #goOn(choose: (second: number) => number): void {
    if (this.#graph === null || this.#playing === null) return;
    const when = this.#soon(this.#graph);
    this.#restart(choose(this.#secondAt(when)), when);
  }

  #restart(from: number, when: number): void {
    if (this.#graph === null || this.#mix === null) return;
    this.#stopVoices(when);
    const inside = this.#loop === null || (from >= this.#loop.start && from < this.#loop.end);
    const second = inside ? Math.min(from, this.seconds) : (this.#loop?.start ?? 0);
    this.#playing = {
      startedAt: when,
      from: second,
      mix: new Voice(this.#mix, this.#graph.mix, when, second, this.#loop),
      stem: this.#startStem(this.#graph, when, second),
    };
  }

  #startStem(graph: Graph, when: number, second: number): Voice | null {
    if (this.#stem === null) return null;
    return new Voice(this.#stem, graph.stem, when, second, this.#loop, this.#stemGain);
  }

  #stopVoices(when: number): void {
    this.#playing?.mix.stop(when);
    this.#playing?.stem?.stop(when);
    this.#playing = null;
  }

  #secondAt(time: number): number {
    if (this.#playing === null) return this.#resting;
    return playedSecond(this.#playing.from, time - this.#playing.startedAt, this.#loop);
  }
}

/** Waits until the context runs; a browser that forbids it may say so, or nothing. */
async function running(context: AudioContext): Promise<void> {
  let timer = 0;
  const late = new Promise<never>((_, reject) => {
    timer = window.setTimeout(() => reject(new Error("late")), START_MS);
  });
  try {
    await Promise.race([context.resume(), late]);
  } catch {
    throw new SilentError("This browser does not start the sound. Press Play again, or see whether its sound device is there.");
  } finally {
    window.clearTimeout(timer);
  }
}

/** Seconds until what is played is heard. Older Safari does not know: then it counts as heard at once. */
function latencyOf(context: { readonly outputLatency?: number }): number {
  return context.outputLatency ?? 0;
}
