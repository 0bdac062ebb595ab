/** Paints outlines of stems on a canvas. */

import type { PeaksAnswer } from "../api/answers.ts";
import type { Span } from "../music/placement.ts";

const FULL_SCALE = 127;
const COLUMN_PIXELS = 2;

export interface Framing {
  /** Second of the stem at the left edge; negative where it begins later. */
  readonly from: number;
  /** Seconds of the stem from edge to edge. */
  readonly seconds: number;
  /** Part of the stem, in its seconds, that is painted in full; the rest is faint. */
  readonly lit: Span;
  /** Seconds of the stem after which it begins anew; null where it does not. */
  readonly turn: number | null;
}

export function paintOutline(canvas: HTMLCanvasElement, { peaks, seconds }: PeaksAnswer, framing: Framing): void {
  const ratio = window.devicePixelRatio;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  if (pen === null || peaks.length === 0 || seconds === 0) return;
  pen.scale(ratio, ratio);
  pen.fillStyle = getComputedStyle(canvas).color;
  const largest = Math.max(1, ...peaks.map(([low, high]) => Math.max(-low, high)));
  const scale = (height / 2 - 0.5) / Math.max(largest, FULL_SCALE / 16);
  for (let x = 0; x < width; x += COLUMN_PIXELS) {
    const begin = framing.from + (x / width) * framing.seconds;
    const peak = peakBetween(peaks, seconds, begin, begin + (COLUMN_PIXELS / width) * framing.seconds, framing.turn);
    if (peak === null) continue;
    pen.globalAlpha = begin >= framing.lit.start && begin < framing.lit.end ? 1 : 0.42;
    const top = height / 2 - peak[1] * scale;
    pen.fillRect(x, top, COLUMN_PIXELS - 0.75, Math.max(1, (peak[1] - peak[0]) * scale));
  }
}

function peakBetween(
  peaks: PeaksAnswer["peaks"], seconds: number, begin: number, end: number, turn: number | null,
): readonly [number, number] | null {
  const start = turn === null ? begin : ((begin % turn) + turn) % turn;
  if (start + (end - begin) <= 0 || start >= seconds) return null;
  const first = Math.max(0, Math.floor((start / seconds) * peaks.length));
  const last = Math.min(peaks.length, Math.max(first + 1, Math.ceil(((start + end - begin) / seconds) * peaks.length)));
  const covered = peaks.slice(first, last);
  return [Math.min(...covered.map(([low]) => low)), Math.max(...covered.map(([, high]) => high))];
}
