import type { Hearing } from "../music/balance.ts";
import type { Session } from "../state/session.ts";

const HEARINGS: readonly (readonly [Hearing, string])[] = [["mix", "Mix"], ["both", "Both"], ["stem", "Stem"]];
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Mix, stem or both. As in any group of radio buttons, Tab comes to the chosen one and arrows choose another. */
export function HearingChoice({ session: { listening } }: { session: Session }) {
  const chosen = listening.hearing.value;
  const step = (event: KeyboardEvent): void => {
    const by = event.ctrlKey || event.metaKey || event.altKey ? undefined : STEPS[event.key];
    if (by === undefined || !(event.currentTarget instanceof HTMLElement)) return;
    event.preventDefault();
    const now = HEARINGS.findIndex(([hearing]) => hearing === chosen);
    const next = (now + by + HEARINGS.length) % HEARINGS.length;
    listening.hearing.value = HEARINGS[next]?.[0] ?? chosen;
    event.currentTarget.querySelectorAll<HTMLElement>("[role=radio]")[next]?.focus();
  };
  return (
    <div class="hearing" role="radiogroup" aria-label="What is heard" onKeyDown={step}>
      {HEARINGS.map(([hearing, label]) => (
        <button type="button" key={hearing} role="radio" aria-checked={chosen === hearing} tabIndex={chosen === hearing ? 0 : -1}
          onClick={() => (listening.hearing.value = hearing)}>
          {label}
        </button>
      ))}
    </div>
  );
}
