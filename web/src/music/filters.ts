/** What narrows the library down: as a value, as query parameters, as chips. */

import { formatBpm } from "./tempo.ts";
import { prettyKey } from "./key.ts";

export interface Filters {
  readonly minBpm: number | null;
  readonly maxBpm: number | null;
  readonly anyOctave: boolean;
  readonly key: string | null;
  readonly keyCompatible: boolean;
  readonly licence: string | null;
  readonly tag: string | null;
  readonly kind: string | null;
}

export interface Chip {
  readonly label: string;
  /** The filters when the chip is gone. */
  readonly without: Filters;
}

export const NO_FILTERS: Filters = {
  minBpm: null,
  maxBpm: null,
  anyOctave: false,
  key: null,
  keyCompatible: false,
  licence: null,
  tag: null,
  kind: null,
};

export function filterParameters(filters: Filters): [string, string][] {
  const parameters: [string, string | null][] = [
    ["min_bpm", filters.minBpm === null ? null : String(filters.minBpm)],
    ["max_bpm", filters.maxBpm === null ? null : String(filters.maxBpm)],
    ["any_octave", filters.anyOctave && hasTempo(filters) ? "true" : null],
    ["key", filters.key],
    ["key_compatible", filters.key !== null && filters.keyCompatible ? "true" : null],
    ["licence", filters.licence],
    ["tag", filters.tag],
    ["kind", filters.kind],
  ];
  return parameters.filter((each): each is [string, string] => each[1] !== null);
}

/** Whether both leave the same stems; half and double time, for one, mean nothing without a tempo. */
export function isSameQuestion(one: Filters, other: Filters): boolean {
  return JSON.stringify(filterParameters(one)) === JSON.stringify(filterParameters(other));
}

export function chipsOf(filters: Filters): Chip[] {
  const chips: Chip[] = [];
  if (hasTempo(filters)) {
    chips.push({ label: tempoLabel(filters), without: { ...filters, minBpm: null, maxBpm: null, anyOctave: false } });
  }
  if (filters.key !== null) {
    const label = `${filters.keyCompatible ? "Goes with" : "In"} ${prettyKey(filters.key)}`;
    chips.push({ label, without: { ...filters, key: null, keyCompatible: false } });
  }
  if (filters.licence !== null) chips.push({ label: filters.licence, without: { ...filters, licence: null } });
  if (filters.tag !== null) chips.push({ label: `Tag ${filters.tag}`, without: { ...filters, tag: null } });
  if (filters.kind !== null) chips.push({ label: kindLabel(filters.kind), without: { ...filters, kind: null } });
  return chips;
}

/** Tempi within 6 % of one, also at half or double time: as far as a stretch sounds natural. */
export function nearTempo(filters: Filters, bpm: number): Filters {
  return { ...filters, minBpm: Math.round(bpm * 0.94), maxBpm: Math.round(bpm * 1.06), anyOctave: true };
}

export function kindLabel(kind: string): string {
  return { loop: "Loops", "one-shot": "One-shots", song: "Whole takes" }[kind] ?? kind;
}

function hasTempo(filters: Filters): boolean {
  return filters.minBpm !== null || filters.maxBpm !== null;
}

function tempoLabel({ minBpm, maxBpm, anyOctave }: Filters): string {
  const octave = anyOctave ? ", any octave" : "";
  if (minBpm === null) return `Up to ${formatBpm(maxBpm ?? 0)} bpm${octave}`;
  if (maxBpm === null) return `From ${formatBpm(minBpm)} bpm${octave}`;
  return `${formatBpm(minBpm)}–${formatBpm(maxBpm)} bpm${octave}`;
}
