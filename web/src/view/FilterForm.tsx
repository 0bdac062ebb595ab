import { batch } from "@preact/signals";
import { useRef } from "preact/hooks";

import { isSameQuestion, kindLabel, NO_FILTERS, type Filters } from "../music/filters.ts";
import { formatKey, parseKey } from "../music/key.ts";
import { regionBetween, type Span } from "../music/placement.ts";
import { parseBpm } from "../music/tempo.ts";
import type { Session } from "../state/session.ts";

const KINDS = ["loop", "one-shot", "song"];

/** All that narrows the question down, to be typed. */
export function FilterForm({ session: { search, facts } }: { session: Session }) {
  const details = useRef<HTMLDetailsElement>(null);
  const filters = search.filters.value;
  const region = search.region.value;
  const seconds = facts.seconds.value;
  const licences = [...new Set(search.matches.value.map((match) => match.stem.licence).filter((each) => each !== null))];
  const close = (): void => {
    details.current?.removeAttribute("open");
    details.current?.querySelector("summary")?.focus();
  };
  /** Only another question is asked anew. */
  const narrow = (wanted: Filters, span: Span | null): void =>
    batch(() => {
      if (!isSameQuestion(wanted, filters)) search.filters.value = wanted;
      search.region.value = span;
    });
  const apply = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const form = new FormData(event.currentTarget);
    close();
    narrow(readFilters(form), readRegion(form, seconds, region));
  };
  const clear = (event: MouseEvent): void => {
    close();
    // What was typed and not applied goes, too: where nothing else changes, the form stays the same.
    if (event.currentTarget instanceof HTMLButtonElement) event.currentTarget.form?.reset();
    narrow(NO_FILTERS, null);
  };
  return (
    <details ref={details} class="filter-details" onKeyDown={(event) => event.key === "Escape" && close()}>
      <summary class="suggestion" data-focus-home>Filter…</summary>
      <form class="filter-form" onSubmit={apply} key={JSON.stringify([filters, region])}>
        <fieldset>
          <legend>Tempo</legend>
          <input name="minBpm" type="number" min="20" max="400" step="any" aria-label="Tempo from" placeholder="from" defaultValue={filters.minBpm ?? ""} />
          <span aria-hidden="true">–</span>
          <input name="maxBpm" type="number" min="20" max="400" step="any" aria-label="Tempo to" placeholder="to" defaultValue={filters.maxBpm ?? ""} />
          <span>bpm</span>
          <label class="check"><input name="anyOctave" type="checkbox" defaultChecked={filters.anyOctave} /> half and double too</label>
        </fieldset>
        <fieldset>
          <legend>Key</legend>
          <input name="key" aria-label="Key of the stem" placeholder="A minor, 8A" defaultValue={filters.key ?? ""} />
          <label class="check"><input name="keyCompatible" type="checkbox" defaultChecked={filters.keyCompatible} /> and those that go with it</label>
        </fieldset>
        <label class="field"><span>Licence</span> <input name="licence" list="licences" placeholder="any" defaultValue={filters.licence ?? ""} /></label>
        <datalist id="licences">{licences.map((licence) => <option key={licence} value={licence} />)}</datalist>
        <label class="field"><span>Tag</span> <input name="tag" placeholder="any" defaultValue={filters.tag ?? ""} /></label>
        <label class="field"><span>Kind</span>{" "}
          <select name="kind">
            <option value="">any</option>
            {KINDS.map((kind) => <option key={kind} value={kind} selected={kind === filters.kind}>{kindLabel(kind)}</option>)}
          </select>
        </label>
        <fieldset disabled={seconds === 0}>
          <legend>Region</legend>
          <input name="start" type="number" min="0" step="any" aria-label="Region from" placeholder="from" defaultValue={shown(region?.start)} />
          <span aria-hidden="true">–</span>
          <input name="end" type="number" min="0" step="any" aria-label="Region to" placeholder="to" defaultValue={shown(region?.end)} />
          <span>s</span>
        </fieldset>
        <div class="form-actions">
          <button type="submit" class="primary">Apply</button>
          <button type="button" class="secondary" onClick={clear}>Clear all</button>
        </div>
      </form>
    </details>
  );
}

function textIn(form: FormData, name: string): string | null {
  const value = form.get(name);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

function readFilters(form: FormData): Filters {
  const key = parseKey(textIn(form, "key") ?? "");
  return {
    minBpm: parseBpm(textIn(form, "minBpm") ?? ""),
    maxBpm: parseBpm(textIn(form, "maxBpm") ?? ""),
    anyOctave: form.has("anyOctave"),
    // What is no key goes to the service as it is: it says what a key looks like.
    key: key === null ? textIn(form, "key") : formatKey(key),
    keyCompatible: form.has("keyCompatible"),
    licence: textIn(form, "licence"),
    tag: textIn(form, "tag"),
    kind: textIn(form, "kind"),
  };
}

function shown(second: number | undefined): string {
  return second?.toFixed(1) ?? "";
}

/** The region that was typed. One that stands there as `before` is shown stays as exact as it was dragged. */
function readRegion(form: FormData, seconds: number, before: Span | null): Span | null {
  const start = textIn(form, "start");
  const end = textIn(form, "end");
  if (before !== null && start === shown(before.start) && end === shown(before.end)) return before;
  if (start === null && end === null) return null;
  return regionBetween(Number(start ?? 0), Number(end ?? seconds), seconds);
}
