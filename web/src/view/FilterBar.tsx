import { chipsOf, kindLabel, nearTempo, NO_FILTERS, type Filters } from "../music/filters.ts";
import { formatKey, parseKey, prettyKey } from "../music/key.ts";
import { formatBpm, parseBpm } from "../music/tempo.ts";
import { formatSeconds } from "../music/time.ts";
import type { Session } from "../state/session.ts";
import { Icon } from "./Icon.tsx";

export function FilterBar({ session }: { session: Session }) {
  const { search } = session;
  const filters = search.filters.value;
  const region = search.region.value;
  return (
    <div class="filter-bar">
      <ul class="chips" aria-label="Filters">
        {region && (
          <Chip label={`Region ${formatSeconds(region.start, true)}–${formatSeconds(region.end, true)}`} onRemove={() => (search.region.value = null)} />
        )}
        {chipsOf(filters).map(({ label, without }) => (
          <Chip key={label} label={label} onRemove={() => (search.filters.value = without)} />
        ))}
        <Suggestions session={session} />
        <li><FilterForm session={session} /></li>
      </ul>
    </div>
  );
}

function Chip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <li class="chip">
      {label}
      <button type="button" class="chip-remove" aria-label={`Remove ${label}`} onClick={onRemove}><Icon name="close" /></button>
    </li>
  );
}

/** The two filters that are wanted most, one click away. */
function Suggestions({ session: { search, facts } }: { session: Session }) {
  const filters = search.filters.value;
  const bpm = facts.bpm.value;
  const key = facts.key.value;
  const tempoIsFree = filters.minBpm === null && filters.maxBpm === null;
  return (
    <>
      {bpm !== null && tempoIsFree && (
        <li><button type="button" class="suggestion" onClick={() => (search.filters.value = nearTempo(filters, bpm))}>
          near {formatBpm(bpm)} bpm
        </button></li>
      )}
      {key !== null && filters.key === null && (
        <li><button type="button" class="suggestion" onClick={() => (search.filters.value = { ...filters, key, keyCompatible: true })}>
          goes with {prettyKey(key)}
        </button></li>
      )}
    </>
  );
}

function FilterForm({ session: { search } }: { session: Session }) {
  const filters = search.filters.value;
  const licences = [...new Set(search.matches.value.map((match) => match.stem.licence).filter((each) => each !== null))];
  const apply = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    search.filters.value = readForm(new FormData(event.currentTarget));
    event.currentTarget.closest("details")?.removeAttribute("open");
  };
  return (
    <details class="filter-details" onKeyDown={(event) => event.key === "Escape" && event.currentTarget.removeAttribute("open")}>
      <summary class="suggestion">filter…</summary>
      <form class="filter-form" onSubmit={apply} key={JSON.stringify(filters)}>
        <fieldset>
          <legend>Tempo</legend>
          <label>from <input name="minBpm" type="number" min="20" max="400" step="any" defaultValue={filters.minBpm ?? ""} /></label>
          <label>to <input name="maxBpm" type="number" min="20" max="400" step="any" defaultValue={filters.maxBpm ?? ""} /></label>
          <label class="check"><input name="anyOctave" type="checkbox" defaultChecked={filters.anyOctave} /> half and double too</label>
        </fieldset>
        <fieldset>
          <legend>Key</legend>
          <label>key <input name="key" size={9} placeholder="A minor, 8A" defaultValue={filters.key ?? ""} /></label>
          <label class="check"><input name="keyCompatible" type="checkbox" defaultChecked={filters.keyCompatible} /> and those that go with it</label>
        </fieldset>
        <label>Licence <input name="licence" list="licences" defaultValue={filters.licence ?? ""} /></label>
        <datalist id="licences">{licences.map((licence) => <option key={licence} value={licence} />)}</datalist>
        <label>Tag <input name="tag" defaultValue={filters.tag ?? ""} /></label>
        <label>Kind{" "}
          <select name="kind" defaultValue={filters.kind ?? ""}>
            <option value="">all</option>
            {["loop", "one-shot", "song"].map((kind) => <option key={kind} value={kind}>{kindLabel(kind)}</option>)}
          </select>
        </label>
        <div class="form-actions">
          <button type="submit" class="primary">Apply</button>
          <button type="button" class="secondary" onClick={() => (search.filters.value = NO_FILTERS)}>Clear all</button>
        </div>
      </form>
    </details>
  );
}

function readForm(form: FormData): Filters {
  const text = (name: string): string | null => {
    const value = form.get(name);
    return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
  };
  const key = parseKey(text("key") ?? "");
  return {
    minBpm: parseBpm(text("minBpm") ?? ""),
    maxBpm: parseBpm(text("maxBpm") ?? ""),
    anyOctave: form.has("anyOctave"),
    // What is no key goes to the service as it is: it says what a key looks like.
    key: key === null ? text("key") : formatKey(key),
    keyCompatible: form.has("keyCompatible"),
    licence: text("licence"),
    tag: text("tag"),
    kind: text("kind"),
  };
}
