/** Keys for what the hands do most; they keep off while someone types. */

import { regionBetween } from "../music/placement.ts";
import type { Session } from "../state/session.ts";

export const KEYS: readonly (readonly [string, string])[] = [
  ["↑ ↓", "previous, next result"],
  ["Enter", "play the result"],
  ["Space", "play, pause"],
  ["← →", "one bar back, on"],
  ["F", "keep the result"],
  ["A", "accept it into the mix"],
  ["1 – 9", "stem types"],
  ["0", "any type"],
  ["M B S", "hear the mix, both, the stem"],
  ["[ ]", "begin, end the region here"],
  ["L", "loop"],
  ["T", "stretch to the mix's tempo"],
  ["K", "shift to the mix's key"],
  ["?", "this help"],
];

type Action = (session: Session) => void;

const ACTIONS: Readonly<Record<string, Action>> = {
  ArrowDown: (session) => step(session, 1),
  ArrowUp: (session) => step(session, -1),
  ArrowRight: ({ listening }) => listening.skipBars(1),
  ArrowLeft: ({ listening }) => listening.skipBars(-1),
  " ": ({ listening }) => listening.toggle(),
  f: ({ favourites, listening }) => {
    if (listening.selected.value) favourites.toggle(listening.selected.value.stem);
  },
  a: ({ stack, listening }) => {
    if (listening.selected.value) void stack.accept(listening.selected.value);
  },
  "0": ({ search }) => (search.types.value = []),
  m: ({ listening }) => (listening.hearing.value = "mix"),
  b: ({ listening }) => (listening.hearing.value = "both"),
  s: ({ listening }) => (listening.hearing.value = "stem"),
  l: ({ listening }) => (listening.loops.value = !listening.loops.value),
  t: ({ listening }) => (listening.stretches.value = !listening.stretches.value),
  k: ({ listening }) => (listening.shifts.value = !listening.shifts.value),
  "[": (session) => moveEdge(session, "start"),
  "]": (session) => moveEdge(session, "end"),
  "?": (session) => (session.helpIsOpen.value = true),
};

export function listenToKeys(session: Session, target: Window): void {
  target.addEventListener("keydown", (event) => {
    if (session.helpIsOpen.value) return closeHelp(session, event);
    // An element that has made something of the key, as a slider does of arrows, has it for itself.
    if (event.defaultPrevented || isCombined(event)) return;
    if (isCharacter(event) && !session.shortcuts.characters.value) return;
    if (session.search.mix.value === null && event.key !== "?") return;
    const action = actionFor(event.key);
    if (action === null || isTaken(event)) return;
    event.preventDefault();
    // A key that is held down steps on if it steps, and is one key otherwise.
    if (!event.repeat || event.key.startsWith("Arrow")) action(session);
  });
}

/**
 * The browser closes a dialog on Escape, too, but says so in a task of its own: a key that comes before that task would
 * be taken for one pressed while the help was still open.
 */
function closeHelp(session: Session, event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  event.preventDefault();
  session.helpIsOpen.value = false;
}

function actionFor(key: string): Action | null {
  if (/^[1-9]$/.test(key)) return (session) => toggleType(session, Number(key) - 1);
  return ACTIONS[key] ?? ACTIONS[key.toLowerCase()] ?? null;
}

/** Whether a modifier makes it another key. AltGr does not, nor Option on a Mac: some layouts type brackets with them. */
function isCombined(event: KeyboardEvent): boolean {
  if (event.metaKey || event.getModifierState("AltGraph")) return event.metaKey;
  return event.ctrlKey || (event.altKey && event.key !== "[" && event.key !== "]");
}

function isCharacter({ key }: KeyboardEvent): boolean {
  return key.length === 1 && key !== " ";
}

/** Whether the element in focus needs the key for itself. */
function isTaken(event: KeyboardEvent): boolean {
  const element = event.target instanceof Element ? event.target : null;
  if (element?.closest("input:not([type=range]), textarea, select")) return true;
  if (element?.closest("input[type=range]")) return event.key.startsWith("Arrow");
  // A button in a result plays that result: there the space bar is for playing, as everywhere.
  return event.key === " " && element?.closest("button, a, summary") != null && !element.closest(".play");
}

function toggleType({ library, search }: Session, index: number): void {
  const state = library.state.value;
  const type = state.is === "there" ? state.types[index] : undefined;
  if (type && type.stems > 0) search.toggleType(type.type);
}

/** Let the region begin or end where the cursor is. */
function moveEdge({ search, listening }: Session, edge: "start" | "end"): void {
  const seconds = search.mix.value?.sound?.duration ?? 0;
  const now = listening.position.value;
  const { start, end } = search.region.value ?? { start: 0, end: seconds };
  if (seconds > 0) search.region.value = edge === "start" ? regionBetween(now, Math.max(now, end), seconds) : regionBetween(now, Math.min(now, start), seconds);
}

function step({ shown, listening }: Session, by: number): void {
  const matches = shown.value;
  const now = matches.findIndex((match) => match.stem.id === listening.selected.value?.stem.id);
  const match = matches[now === -1 ? 0 : Math.min(matches.length - 1, Math.max(0, now + by))];
  if (match === undefined) return;
  listening.choose(match);
  const row = document.getElementById(`result-${match.stem.id}`);
  row?.querySelector<HTMLElement>(".play")?.focus({ preventScroll: true });
  // Once it is drawn: the first stem that is chosen gets a lane above, which moves the list down.
  requestAnimationFrame(() => row?.scrollIntoView({ block: "nearest" }));
}

