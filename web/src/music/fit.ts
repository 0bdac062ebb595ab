/** A compatibility in words: the score is calibrated, so these are shares of true pairs. */

export interface FitWords {
  readonly percent: number;
  readonly words: string;
}

const STEPS: readonly (readonly [number, string])[] = [
  [0.8, "Fits closely"],
  [0.5, "Fits well"],
  [0.25, "May fit"],
  [0.1, "Loose fit"],
  [0, "Unlikely fit"],
];

export function describeFit(score: number): FitWords {
  const words = STEPS.find(([least]) => score >= least)?.[1] ?? "Unlikely fit";
  return { percent: Math.round(Math.min(1, Math.max(0, score)) * 100), words };
}
