/** Tempi: how much to stretch, how to show them, what people type. */

/** Estimates of one tempo differ by about this much; stretching by less would only spoil the sound. */
const SAME = 0.012;

/** How fast to play a stem so that its beats fall on the mix's; half and double time count as fitting.
 *
 * Tempi that are known are taken at their word, however little they differ.
 */
export function stretchRate(stemBpm: number | null, mixBpm: number | null, areKnown = false): number {
  if (!stemBpm || !mixBpm) return 1;
  const octaves = Math.log2(mixBpm / stemBpm);
  const rate = 2 ** (octaves - Math.round(octaves));
  return !areKnown && Math.abs(rate - 1) < SAME ? 1 : rate;
}

export function formatBpm(bpm: number): string {
  const rounded = Math.round(bpm * 10) / 10;
  return Number.isInteger(rounded) ? String(rounded) : rounded.toFixed(1);
}

/** A tempo that someone typed; null if it is none. */
export function parseBpm(text: string): number | null {
  const bpm = Number(text.trim().replace(",", "."));
  return Number.isFinite(bpm) && bpm >= 20 && bpm <= 400 ? bpm : null;
}
