/** Whether more results can be asked for, and how many. */

import type { Match } from "../api/answers.ts";

/** The service gives no more of a type. */
const MOST = 1000;

/** Whether the library may hold more than these: of some type there are as many as were asked for, at most, of each. */
export function mayHaveMore(matches: readonly Pick<Match, "stem">[], limit: number): boolean {
  if (limit >= MOST) return false;
  const counts = new Map<string, number>();
  for (const { stem } of matches) counts.set(stem.type, (counts.get(stem.type) ?? 0) + 1);
  return [...counts.values()].some((count) => count >= limit);
}

export function moreThan(limit: number): number {
  return Math.min(2 * limit, MOST);
}
