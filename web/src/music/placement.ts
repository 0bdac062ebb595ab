/** Where a stem lies on the mix's timeline. */

export interface Placed {
  /** Second of the mix under which the stem's second `stemStart` is played. */
  readonly mixStart: number;
  readonly stemStart: number;
  /** Seconds of the stem that pass in one second of the mix; 1 is unstretched. */
  readonly rate: number;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The service compares nothing shorter. */
export const SHORTEST_REGION_SECONDS = 2;

/** The region between two seconds of a mix; a short one is made as long as a search needs. */
export function regionBetween(one: number, other: number, mixSeconds: number): Span {
  const length = Math.max(SHORTEST_REGION_SECONDS, Math.abs(other - one));
  const from = other < one ? Math.max(one, length) - length : one;
  const start = Math.max(0, Math.min(from, mixSeconds - length));
  return { start, end: Math.min(mixSeconds, start + length) };
}

/** Second of the mix at which the stem begins; negative if it begins before the mix does. */
export function stemOrigin(placed: Placed): number {
  return placed.mixStart - placed.stemStart / placed.rate;
}

/** The part of the mix under which the stem plays; null where they never meet. */
export function spanOnMix(placed: Placed, stemSeconds: number, mixSeconds: number): Span | null {
  const origin = stemOrigin(placed);
  const start = Math.max(0, origin);
  const end = Math.min(mixSeconds, origin + stemSeconds / placed.rate);
  return end > start ? { start, end } : null;
}

/** Where playing is at `now` if it began at `began` at second `from`, round a loop if there is one. */
export function playedSecond(from: number, elapsed: number, loop: Span | null): number {
  const second = from + Math.max(0, elapsed);
  if (loop === null || second < loop.end) return second;
  const length = loop.end - loop.start;
  return loop.start + ((second - loop.start) % length);
}

/** The second nearest to `wanted` that lies whole bars away from `now`, so that a jump keeps the beat. */
export function jumpOnBeat(now: number, wanted: number, bpm: number | null, within: Span): number {
  if (bpm === null) return wanted;
  const bar = 240 / bpm;
  const bars = Math.round((wanted - now) / bar);
  const candidates = [bars, bars + 1, bars - 1].map((count) => now + count * bar);
  return candidates.find((second) => second >= within.start && second < within.end) ?? wanted;
}

/** Where to go on inside `loop` from second `now`: there, or whole bars later or earlier where those lead into it. */
export function enterLoop(now: number, loop: Span, bpm: number | null): number {
  if (now >= loop.start && now < loop.end) return now;
  if (bpm === null) return loop.start;
  const bar = 240 / bpm;
  const entered = now + Math.ceil((loop.start - now) / bar - 1e-6) * bar;
  return entered < loop.end ? Math.max(entered, loop.start) : loop.start;
}

/** `span` cut to whole beats, so that going round it keeps the beat. */
export function wholeBeats(span: Span, bpm: number | null): Span {
  if (bpm === null) return span;
  const beat = 60 / bpm;
  // A little more than the end may be a rounded beat.
  const beats = Math.floor((span.end - span.start) / beat + 0.02);
  const counted = beats >= 4 ? beats - (beats % 4) : beats;
  return counted > 0 ? { start: span.start, end: Math.min(span.end, span.start + counted * beat) } : span;
}
