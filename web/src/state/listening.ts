/** What is heard: the chosen stem against the mix, and how. */

import { batch, computed, effect, signal, untracked } from "@preact/signals";

import type { Match, Stem } from "../api/answers.ts";
import { asProblem } from "../api/problem.ts";
import { levelsOf, type Hearing } from "../music/balance.ts";
import { shiftBetween } from "../music/key.ts";
import { jumpOnBeat, spanOnMix, wholeBeats, type Span } from "../music/placement.ts";
import { stretchRate } from "../music/tempo.ts";
import { goesRound } from "../music/turns.ts";
import type { Player } from "../sound/player.ts";
import type { Change } from "../sound/stretch.ts";
import type { MixFacts } from "./facts.ts";
import type { Search } from "./search.ts";
import { placedBy, type LaidStem, type StemSounds } from "./stems.ts";

const PITCHLESS = "drums";
const SECONDS_WITHOUT_BEAT = 2;
/** Who walks through the results passes quicker than this: what is passed is not fetched. */
const REST_MS = 150;
/** A stem that takes longer to come ends the one before: it would be taken for the one that was chosen. */
const TAKE_OVER_MS = 150;
const INTERRUPTED = "The sound was interrupted. Press Play to go on.";

export class Listening {
  readonly selected = signal<Match | null>(null);
  readonly hearing = signal<Hearing>("both");
  /** From -1, only the mix, to 1, only the stem. */
  readonly balance = signal(0);
  readonly loops = signal(true);
  readonly stretches = signal(false);
  readonly shifts = signal(false);
  readonly playing = signal(false);
  readonly position = signal(0);
  /** Whether the chosen stem is being fetched or stretched. */
  readonly loading = signal(false);
  readonly problem = signal<string | null>(null);
  /** Numbers, not an object: what has not changed is not laid anew. */
  readonly rate = computed(() => this.changeFor(this.selected.value).rate);
  readonly semitones = computed(() => this.changeFor(this.selected.value).semitones);
  /** Tempo that is heard: someone's word first, then that of the stem, then the estimate of the mix. */
  readonly beat = computed(() => {
    const stem = this.stretches.value ? null : (this.selected.value?.stem.bpm ?? null);
    return this.#facts.typedBpm.value ?? stem ?? this.#facts.bpm.value;
  });
  readonly #search: Search;
  readonly #facts: MixFacts;
  readonly #player: Player;
  readonly #sounds: StemSounds;
  #laying = new AbortController();
  /** The stem that is heard, and when another one was last chosen. */
  #laid: string | null = null;
  #chosenAt = -Infinity;
  /** The problem that ended the playing; it is over once something plays. */
  #stoppedBy: string | null = null;
  #frame = 0;

  constructor(search: Search, facts: MixFacts, player: Player, sounds: StemSounds) {
    this.#search = search;
    this.#facts = facts;
    this.#player = player;
    this.#sounds = sounds;
    player.onInterrupted = () => this.#stop(INTERRUPTED);
    effect(() => this.#changeMix());
    effect(() => this.#player.setLevels(levelsOf(this.hearing.value, this.balance.value)));
    effect(() => this.#follow(this.#search.matches.value));
    effect(() => void this.#lay(this.selected.value, { rate: this.rate.value, semitones: this.semitones.value }));
    effect(() => this.#player.setLoop(this.#loop(), this.beat.value));
  }

  /** What stretching and shifting do to a stem, as far as they are asked for. */
  changeFor(match: Match | null): Change {
    const areKnown = this.#facts.typedBpm.value !== null && (match?.stem.bpm_confidence ?? 1) === 1;
    const rate = this.stretches.value ? stretchRate(match?.stem.bpm ?? null, this.#facts.bpm.value, areKnown) : 1;
    const pitched = this.shifts.value && match !== null && match.stem.type !== PITCHLESS;
    return { rate, semitones: pitched ? shiftBetween(match.stem.key, this.#facts.key.value) : 0 };
  }

  /** Where the stem of a match sounds under the mix. */
  spanOf(match: Match): Span | null {
    const mixSeconds = this.#search.mix.value?.sound?.duration ?? 0;
    if (goesRound(match.stem)) return { start: 0, end: mixSeconds };
    const rate = this.changeFor(match).rate;
    return spanOnMix(placedBy(match, rate), match.stem.seconds, mixSeconds);
  }

  /** Choose a stem; what plays goes on with it, or moves to its place by whole bars. */
  choose(match: Match): void {
    if (!this.#player.isPlaying) this.seek(match.placement.mix_start);
    this.selected.value = match;
    this.#moveInto(match);
  }

  /** Choose a stem and hear it; again, and it pauses. */
  async hear(match: Match): Promise<void> {
    if (this.selected.value?.stem.id === match.stem.id && this.playing.value) return this.pause();
    this.choose(match);
    if (!this.#player.isPlaying) await this.play();
  }

  async play(): Promise<void> {
    if (this.#player.seconds === 0) return;
    try {
      const from = this.position.value < this.#player.seconds ? this.position.value : 0;
      if (!(await this.#player.play(from))) return;
    } catch (error) {
      return this.#stop(asProblem(error).message);
    }
    if (this.problem.value === this.#stoppedBy) this.problem.value = null;
    this.playing.value = true;
    this.#tick();
  }

  pause(): void {
    this.#player.pause();
    this.playing.value = false;
    window.cancelAnimationFrame(this.#frame);
  }

  toggle(): void {
    if (this.playing.value) this.pause();
    else void this.play();
  }

  seek(second: number): void {
    this.#player.seek(second);
    this.position.value = second;
  }

  /** So many bars further, or back. */
  skipBars(bars: number): void {
    const bar = this.beat.value === null ? SECONDS_WITHOUT_BEAT : 240 / this.beat.value;
    this.#player.skip(bars * bar);
    this.position.value = this.#player.position;
  }

  /** The chosen stem as it is heard now; null while it is not there. */
  async laid(match: Match): Promise<LaidStem | null> {
    const mix = this.#search.mix.value;
    return mix?.sound ? this.#sounds.lay(match, mix, this.changeFor(match)) : null;
  }

  #changeMix(): void {
    const sound = this.#search.mix.value?.sound ?? null;
    untracked(() => {
      this.#player.setMix(sound);
      batch(() => {
        this.selected.value = null;
        this.playing.value = false;
        this.position.value = 0;
        this.problem.value = null;
      });
    });
  }

  /** Another answer may have another place for the chosen stem, where a part of the mix was asked about. */
  #follow(matches: readonly Match[]): void {
    const chosen = this.selected.peek();
    const now = matches.find(({ stem }) => stem.id === chosen?.stem.id);
    if (chosen === null || now === undefined) return;
    const { mix_start, stem_start } = now.placement;
    if (mix_start !== chosen.placement.mix_start || stem_start !== chosen.placement.stem_start) this.selected.value = now;
  }

  async #lay(match: Match | null, change: Change): Promise<void> {
    this.#laying.abort();
    const { signal } = (this.#laying = new AbortController());
    const mix = untracked(() => this.#search.mix.value);
    this.problem.value = null;
    this.loading.value = match !== null && mix?.sound != null;
    if (match === null || !mix?.sound) return this.#setStem(null, null);
    const silence = window.setTimeout(() => this.#endOther(match), TAKE_OVER_MS);
    signal.addEventListener("abort", () => window.clearTimeout(silence));
    try {
      await this.#rest(match.stem);
      signal.throwIfAborted();
      const laid = await this.#sounds.lay(match, mix, change, signal);
      if (!signal.aborted) this.#setStem(match, laid);
    } catch (error) {
      if (signal.aborted) return;
      this.#setStem(null, null);
      this.problem.value = asProblem(error).message;
    } finally {
      window.clearTimeout(silence);
      if (!signal.aborted) this.loading.value = false;
    }
  }

  #setStem(match: Match | null, laid: LaidStem | null): void {
    this.#laid = match?.stem.id ?? null;
    this.#player.setStem(laid?.sound ?? null, laid?.gain ?? 1);
  }

  #endOther(match: Match): void {
    if (this.#laid !== match.stem.id) this.#setStem(null, null);
  }

  /** Wait a little where the last choice was a moment ago, and this stem is not at hand. */
  async #rest(stem: Stem): Promise<void> {
    const now = performance.now();
    const isWalking = now - this.#chosenAt < REST_MS;
    this.#chosenAt = now;
    if (isWalking && !this.#sounds.has(stem)) await new Promise((go) => window.setTimeout(go, REST_MS));
  }

  #stop(problem: string): void {
    this.pause();
    this.problem.value = this.#stoppedBy = problem;
  }

  #loop(): Span | null {
    if (!this.loops.value) return null;
    const match = this.selected.value;
    const mixSeconds = this.#search.mix.value?.sound?.duration ?? 0;
    if (mixSeconds === 0) return null;
    const span = this.#search.region.value ?? (match && this.spanOf(match)) ?? { start: 0, end: mixSeconds };
    // All of the mix is heard to its end: what lies after its last whole bar could not be reached otherwise.
    return span.start === 0 && span.end >= mixSeconds ? { start: 0, end: mixSeconds } : wholeBeats(span, this.beat.value);
  }

  #moveInto(match: Match): void {
    const span = this.spanOf(match);
    if (!this.#player.isPlaying || span === null) return;
    const now = this.#player.position;
    if (now >= span.start && now < span.end) return;
    this.#player.skip(jumpOnBeat(now, match.placement.mix_start, this.beat.value, span) - now);
  }

  #tick(): void {
    if (!this.playing.value) return;
    const position = this.#player.position;
    if (position >= this.#player.seconds) {
      this.pause();
      this.seek(0);
      return;
    }
    this.position.value = position;
    window.cancelAnimationFrame(this.#frame);
    this.#frame = window.requestAnimationFrame(() => this.#tick());
  }
}
