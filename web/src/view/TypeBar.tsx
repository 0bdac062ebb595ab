import type { Session } from "../state/session.ts";

export function TypeBar({ session: { library, search } }: { session: Session }) {
  const state = library.state.value;
  if (state.is !== "there") return null;
  const total = state.types.reduce((sum, each) => sum + each.stems, 0);
  const chosen = search.types.value;
  return (
    <div class="type-bar" role="group" aria-label="Stem types">
      <button type="button" class="type" aria-pressed={chosen.length === 0} onClick={() => (search.types.value = [])}>
        any <span class="count">{total.toLocaleString("en")}</span>
      </button>
      {state.types.map(({ type, stems }) => (
        <button
          type="button"
          key={type}
          class="type"
          disabled={stems === 0}
          aria-pressed={chosen.includes(type)}
          onClick={() => search.toggleType(type)}
        >
          {type} <span class="count">{stems.toLocaleString("en")}</span>
        </button>
      ))}
    </div>
  );
}
