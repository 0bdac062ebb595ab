import { chipsOf, nearTempo, type Filters } from "../music/filters.ts";
import { prettyKey } from "../music/key.ts";
import { formatBpm } from "../music/tempo.ts";
import { formatSeconds } from "../music/time.ts";
import type { Session } from "../state/session.ts";
import { FilterForm } from "./FilterForm.tsx";
import { Icon } from "./Icon.tsx";

export function FilterBar({ session }: { session: Session }) {
  const { search } = session;
  const filters = search.filters.value;
  const region = search.region.value;
  return (
    <div class="filter-bar">
      <ul class="chips" aria-label="Filters">
        <li><FilterForm session={session} /></li>
        {region && (
          <Chip label={`Region ${formatSeconds(region.start, true)}–${formatSeconds(region.end, true)}`} onRemove={() => (search.region.value = null)} />
        )}
        {chipsOf(filters).map(({ label, without }) => (
          <Chip key={label} label={label} onRemove={() => (search.filters.value = without)} />
        ))}
        <Suggestions session={session} onChoose={(chosen) => (search.filters.value = chosen)} />
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
function Suggestions({ session: { search, facts }, onChoose }: { session: Session; onChoose: (chosen: Filters) => void }) {
  const filters = search.filters.value;
  const bpm = facts.bpm.value;
  const key = facts.key.value;
  const tempoIsFree = filters.minBpm === null && filters.maxBpm === null;
  return (
    <>
      {bpm !== null && tempoIsFree && (
        <li><button type="button" class="suggestion" onClick={() => onChoose(nearTempo(filters, bpm))}>
          + near {formatBpm(bpm)} bpm
        </button></li>
      )}
      {key !== null && filters.key === null && (
        <li><button type="button" class="suggestion" onClick={() => onChoose({ ...filters, key, keyCompatible: true })}>
          + goes with {prettyKey(key)}
        </button></li>
      )}
    </>
  );
}
