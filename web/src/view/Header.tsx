import type { Session } from "../state/session.ts";
import { Icon } from "./Icon.tsx";

/** Its id, for the focus to come back to. */
export const KEPT_BUTTON = "kept-button";

export function Header({ session }: { session: Session }) {
  const { appearance } = session;
  const kept = session.favourites.stems.value.length;
  return (
    <header class="header">
      <h1 class="wordmark">
        <a href="./" onClick={(event) => { event.preventDefault(); session.close(); }}>Counterpart</a>
      </h1>
      <nav aria-label="Page" class="header-actions">
        <button type="button" id={KEPT_BUTTON} class="quiet" aria-expanded={session.keptIsOpen.value}
          onClick={() => (session.keptIsOpen.value = !session.keptIsOpen.value)}>
          Kept <span class="count">{kept}</span>
        </button>
        <button type="button" class="quiet icon-button" aria-label={`Theme: ${appearance.theme.value}. Change`} onClick={() => appearance.next()}>
          <Icon name={appearance.theme.value} />
        </button>
        <button type="button" class="quiet icon-button" aria-label="Keyboard help" onClick={() => (session.helpIsOpen.value = true)}>
          <span aria-hidden="true">?</span>
        </button>
      </nav>
    </header>
  );
}
