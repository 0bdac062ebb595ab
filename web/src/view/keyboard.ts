/** Keys for what the hands do most; they keep off while someone types. */

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
  ["L", "loop"],
  ["T", "stretch to the mix's tempo"],
  ["K", "shift to the mix's key"],
  ["?", "this help"],
];

const SECONDS_WITHOUT_TEMPO = 2;

type Action = (session: Session) => void;

const ACTIONS: Readonly<Record<string, Action>> = {
  ArrowDown: (session) => step(session, 1),
  ArrowUp: (session) => step(session, -1),
  ArrowRight: (session) => skip(session, 1),
  ArrowLeft: (session) => skip(session, -1),
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
  "?": (session) => (session.helpIsOpen.value = true),
};

export function listenToKeys(session: Session, target: Window): void {
  target.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || session.helpIsOpen.value) return;
    if (session.search.mix.value === null && event.key !== "?") return;
    const action = actionFor(event.key);
    if (action === null || isTaken(event)) return;
    event.preventDefault();
    action(session);
  });
}

function actionFor(key: string): Action | null {
  if (/^[1-9]$/.test(key)) return (session) => toggleType(session, Number(key) - 1);
  return ACTIONS[key] ?? ACTIONS[key.toLowerCase()] ?? null;
}

/** Whether the element in focus needs the key for itself. */
function isTaken(event: KeyboardEvent): boolean {
  const element = event.target instanceof Element ? event.target : null;
  if (element?.closest("input:not([type=range]), textarea, select")) return true;
  if (element?.closest("input[type=range]")) return event.key.startsWith("Arrow");
  // A button in a result plays that result: there the space bar is for playing, as everywhere.
  return event.key === " " && element?.closest("button, a, summary, [role=slider]") != null && !element.closest(".play");
}

function toggleType({ library, search }: Session, index: number): void {
  const state = library.state.value;
  const type = state.is === "there" ? state.types[index] : undefined;
  if (type && type.stems > 0) search.toggleType(type.type);
}

function step({ search, listening }: Session, by: number): void {
  const matches = search.matches.value;
  const now = matches.findIndex((match) => match.stem.id === listening.selected.value?.stem.id);
  const match = matches[now === -1 ? 0 : Math.min(matches.length - 1, Math.max(0, now + by))];
  if (match === undefined) return;
  listening.choose(match);
  const row = document.getElementById(`result-${match.stem.id}`);
  row?.querySelector<HTMLElement>(".play")?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function skip({ listening, facts, search }: Session, bars: number): void {
  const bar = facts.bpm.value === null ? SECONDS_WITHOUT_TEMPO : 240 / facts.bpm.value;
  const end = search.mix.value?.sound?.duration ?? 0;
  listening.seek(Math.min(Math.max(0, listening.position.value + bars * bar), Math.max(0, end - 0.05)));
}
