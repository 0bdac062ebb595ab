/**
 * Where the focus goes when what has it goes: a button that leaves with what it did, a row that another answer lacks.
 * Left alone it would fall back to the page's beginning.
 */

/** What takes the focus for all that stands around it: a heading, a line that says how many, or what opens a form. */
const HOME = "[data-focus-home]";

/** Watch over the focus in the page. Gives what ends that. */
export function keepFocus(page: HTMLElement): () => void {
  const stop = new AbortController();
  let held: HTMLElement | null = null;
  let around: readonly Element[] = [];
  const hold = ({ target }: Event): void => {
    held = target instanceof HTMLElement ? target : null;
    around = ancestorsOf(held);
  };
  // After a click beside it nothing has the focus, and that is meant.
  const letGo = ({ target }: Event): void => {
    if (target instanceof Node && held?.contains(target) === false) held = null;
  };
  const watching = new MutationObserver((records) => {
    if (held === null || document.activeElement !== document.body || !isTaken(held, records)) return;
    // A row that moved to another place is still there.
    (held.isConnected ? held : homeWithin(around))?.focus();
  });
  page.addEventListener("focusin", hold, { signal: stop.signal });
  page.addEventListener("pointerdown", letGo, { signal: stop.signal, capture: true });
  watching.observe(page, { childList: true, subtree: true });
  return () => {
    stop.abort();
    watching.disconnect();
  };
}

function ancestorsOf(element: Element | null): readonly Element[] {
  const parent = element?.parentElement ?? null;
  return parent === null ? [] : [parent, ...ancestorsOf(parent)];
}

function isTaken(element: Element, records: readonly MutationRecord[]): boolean {
  return records.some(({ removedNodes }) => [...removedNodes].some((node) => node.contains(element)));
}

/** The home in the closest of these that is still there and has one. */
function homeWithin(ancestors: readonly Element[]): HTMLElement | null {
  const homes = ancestors.filter((each) => each.isConnected).map((each) => each.querySelector<HTMLElement>(HOME));
  return homes.find((each) => each !== null) ?? null;
}
