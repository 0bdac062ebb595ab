/** How a loop goes round: when each of its turns begins. */

export interface Loop {
  readonly kind: string | null;
  readonly seconds: number;
  readonly bpm: number | null;
  /** Below 1 the tempo is an estimate. */
  readonly bpm_confidence: number | null;
}

/** How far beside its beat the last turn may come in: less than anybody hears. */
const INAUDIBLE_SECONDS = 0.005;

/** Whether a loop goes round on the beat: it is a whole number of bars long. */
export function goesRound({ kind, seconds, bpm }: Loop): boolean {
  if (kind !== "loop" || bpm === null) return false;
  const bars = (seconds * bpm) / 240;
  return bars > 0.5 && Math.abs(bars - Math.round(bars)) < 0.02;
}

/** Seconds of the stem from one turn to the next, if its sound lasts `seconds`; null where it does not go round.
 *
 * A file may be 2 % of a bar too long or too short: laid end to end, every turn would come in that much later or
 * sooner than the one before. So turns begin on whole bars, as they do in a DAW, unless
 *
 * - all these errors together stay inaudible: then the sound's own length leaves no seam, or
 * - the tempo is an estimate, which errs by more than files do. Where it has stretched the stem, though, its bars
 *   became those of the mix, and these are kept.
 */
export function turnSeconds(loop: Loop, rate: number, mixSeconds: number, seconds = loop.seconds): number | null {
  if (!goesRound(loop) || loop.bpm === null) return null;
  const onTheBar = (Math.round((loop.seconds * loop.bpm) / 240) * 240) / loop.bpm;
  const isGuess = rate === 1 && (loop.bpm_confidence ?? 1) < 1;
  const drift = Math.abs(seconds / onTheBar - 1) * mixSeconds;
  return isGuess || drift <= INAUDIBLE_SECONDS ? seconds : onTheBar;
}

/** Where turns begin up to `end` if one begins at `origin`; the first may lie before 0. `every` need not be whole. */
export function turnStarts(origin: number, every: number, end: number): number[] {
  const first = origin - Math.ceil(origin / every) * every;
  return Array.from({ length: Math.ceil((end - first) / every) }, (_, turn) => Math.round(first + turn * every));
}

/** Adds a turn to what is `laid`, from sample `start` on.
 *
 * It fades out in `fade` samples from `most` on, under the turn that follows; if it ends sooner, before its end.
 */
export function addTurn(laid: Float32Array, turn: Float32Array, start: number, most: number, fade: number): void {
  const end = Math.min(turn.length, Math.round(most) + fade);
  for (let index = Math.max(0, -start); index < Math.min(end, laid.length - start); index++) {
    const gain = index < end - fade ? 1 : (end - index) / (fade + 1);
    laid[start + index] = (laid[start + index] ?? 0) + gain * (turn[index] ?? 0);
  }
}
