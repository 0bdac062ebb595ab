/** How loud mix and stem are against each other. */

export type Hearing = "both" | "mix" | "stem";

export interface Levels {
  readonly mix: number;
  readonly stem: number;
}

/** Levels for a balance from -1 (only the mix) to 1 (only the stem); in the middle both are whole. */
export function levelsOf(hearing: Hearing, balance: number): Levels {
  if (hearing === "mix") return { mix: 1, stem: 0 };
  if (hearing === "stem") return { mix: 0, stem: 1 };
  return { mix: Math.min(1, 1 - balance), stem: Math.min(1, 1 + balance) };
}
