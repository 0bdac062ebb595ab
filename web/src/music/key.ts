/** Keys as the service writes them (`F# minor`), as people type them (`Gbm`, `8A`), and shifts between them. */

const TONICS = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"] as const;
const LETTERS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

export interface Key {
  /** Semitones above C. */
  readonly tonic: number;
  readonly minor: boolean;
}

export function parseKey(text: string): Key | null {
  const wheel = /^\s*(1[0-2]|[1-9])\s*([AB])\s*$/i.exec(text);
  if (wheel) return fromWheel(Number(wheel[1]), wheel[2]?.toUpperCase() === "A");
  const found = /^\s*([A-Ga-g])\s*([#♯b♭]?)\s*(m|min|minor|maj|major)?\s*$/.exec(text);
  const letter = LETTERS[found?.[1]?.toUpperCase() ?? ""];
  if (!found || letter === undefined) return null;
  const sign = { "#": 1, "♯": 1, b: -1, "♭": -1 }[found[2] ?? ""] ?? 0;
  return { tonic: wrap(letter + sign), minor: /^m(in|inor)?$/.test(found[3] ?? "") };
}

export function formatKey(key: Key): string {
  return `${TONICS[key.tonic] ?? "C"} ${key.minor ? "minor" : "major"}`;
}

/** With proper sharps, for the eye. */
export function prettyKey(name: string): string {
  return name.replace("#", "♯");
}

/** Fewest semitones that bring a stem's notes into the mix's key or its relative; 0 where a key is unknown. */
export function shiftBetween(stemKey: string | null, mixKey: string | null): number {
  const from = stemKey === null ? null : parseKey(stemKey);
  const to = mixKey === null ? null : parseKey(mixKey);
  if (!from || !to) return 0;
  const up = wrap(relativeMajor(to) - relativeMajor(from));
  return up > 6 ? up - 12 : up;
}

function relativeMajor(key: Key): number {
  return wrap(key.tonic + (key.minor ? 3 : 0));
}

/** The circle of fifths as DJs number it: 8B is C major, 8A its relative A minor. */
function fromWheel(hour: number, minor: boolean): Key {
  const major = wrap((hour - 8) * 7);
  return { tonic: minor ? wrap(major - 3) : major, minor };
}

function wrap(semitones: number): number {
  return ((semitones % 12) + 12) % 12;
}
