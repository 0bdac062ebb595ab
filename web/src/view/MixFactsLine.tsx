import { prettyKey } from "../music/key.ts";
import { formatBpm } from "../music/tempo.ts";
import { formatSeconds } from "../music/time.ts";
import type { Mix } from "../state/mix.ts";
import type { Session } from "../state/session.ts";
import { FileButton } from "./FileButton.tsx";
import { Icon } from "./Icon.tsx";
import { saveFile } from "./save.ts";
import { TypedFact } from "./TypedFact.tsx";

export function MixFactsLine({ session, mix }: { session: Session; mix: Mix }) {
  const { facts } = session;
  return (
    <div class="mix-line">
      <h2 class="mix-name" data-focus-home tabIndex={-1} title={mix.name}>{mix.name}</h2>
      <div class="mix-facts">
        <span class="fact"><span class="fact-name">Length</span> {formatSeconds(facts.seconds.value, true)}</span>
        <span class="fact">
          <TypedFact name="Tempo" unit="bpm" hint="20 to 400" isUnsure={facts.isBpmUnsure.value} value={facts.bpm.value === null ? "" : formatBpm(facts.bpm.value)} onType={(text) => facts.typeBpm(text)} />
          <button type="button" class="tiny" aria-label="½, half the tempo" onClick={() => facts.scaleBpm(0.5)}>½</button>
          <button type="button" class="tiny" aria-label="×2, double the tempo" onClick={() => facts.scaleBpm(2)}>×2</button>
        </span>
        <span class="fact">
          <TypedFact name="Key" unit="" hint="such as A minor, 8A" isUnsure={facts.isKeyUnsure.value} value={facts.key.value === null ? "" : prettyKey(facts.key.value)} onType={(text) => facts.typeKey(text)} />
        </span>
        <FileButton label={session.opening.value ? "Opening…" : "Another mix"} className="secondary" onFile={(file) => void session.open(file)} />
      </div>
      <StackLine session={session} />
    </div>
  );
}

/** What was accepted into the mix so far. */
function StackLine({ session: { stack } }: { session: Session }) {
  if (!stack.isStacked.value) return null;
  const exportStack = (): void => {
    const made = stack.exported();
    if (made) saveFile(made.file, made.name);
  };
  return (
    <div class="stack-line">
      <ul class="stack" aria-label="Accepted stems">
        {stack.layers.value.map(({ match }) => (
          <li key={match.stem.id} class="layer">+ {match.stem.type} <span class="fine">{match.stem.song}</span></li>
        ))}
      </ul>
      <button type="button" class="secondary" aria-disabled={stack.busy.value} onClick={() => stack.undo()}>Take off the last</button>
      <button type="button" class="secondary" onClick={exportStack}><Icon name="download" /> Export WAV</button>
    </div>
  );
}
