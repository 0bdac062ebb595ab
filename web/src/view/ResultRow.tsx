import type { Match, Stem } from "../api/answers.ts";
import { describeFit } from "../music/fit.ts";
import { prettyKey } from "../music/key.ts";
import { formatBpm } from "../music/tempo.ts";
import { formatSeconds } from "../music/time.ts";
import type { Session } from "../state/session.ts";
import { DownloadLink } from "./DownloadLink.tsx";
import { Icon } from "./Icon.tsx";
import { offerFile } from "./offer.ts";
import { StemOutline } from "./StemOutline.tsx";

export function ResultRow({ session, match }: { session: Session; match: Match }) {
  const { listening, sounds } = session;
  const { stem, placement } = match;
  const isSelected = listening.selected.value?.stem.id === stem.id;
  const isPlaying = isSelected && listening.playing.value;
  const { percent, words } = describeFit(match.score);
  const lit = { start: placement.stem_start, end: placement.stem_start + placement.seconds };
  return (
    <li
      id={`result-${stem.id}`}
      class={isSelected ? "result is-selected" : "result"}
      aria-current={isSelected}
      draggable={session.access.key.value === null}
      onDragStart={(event) => offerFile(event, stem)}
      onPointerEnter={() => sounds.ahead.enter(stem)}
      onPointerLeave={() => sounds.ahead.leave()}
    >
      <span class="rank">{match.rank}</span>
      <PlayButton session={session} match={match} isPlaying={isPlaying} />
      <div class="fit">
        <span class="fit-words">{words}</span>
        <span class="fit-percent">{percent} %</span>
        <meter class="fit-meter" min={0} max={100} value={percent} aria-label="Fit" />
      </div>
      <div class="what">
        <p class="song" title={stem.song}>{stem.song}</p>
        <p class="path" title={stem.path}>{stem.path}</p>
      </div>
      <StemFacts stem={stem} />
      <StemOutline className={isSelected ? "result-wave is-lit" : "result-wave"} session={session} stem={stem} framing={{ from: 0, seconds: stem.seconds, lit, turn: null }} />
      <RowActions session={session} match={match} />
    </li>
  );
}

/** The button that plays a match that is listed. */
export function playButtonOf({ stem }: Match): HTMLElement | null {
  return document.getElementById(`result-${stem.id}`)?.querySelector<HTMLElement>(".play") ?? null;
}

/** Where it can do nothing it still takes the focus: arrows walk from one to the next. */
function PlayButton({ session, match, isPlaying }: { session: Session; match: Match; isPlaying: boolean }) {
  const { listening, search } = session;
  const isSilent = !search.mix.value?.sound;
  return (
    <button
      type="button"
      class="play"
      aria-disabled={isSilent}
      aria-label={`${isPlaying ? "Pause" : "Play"} ${match.stem.song}, ${match.stem.type}`}
      title={isSilent ? "This browser cannot play the mix" : undefined}
      onClick={() => !isSilent && void listening.hear(match)}
    >
      <Icon name={isPlaying ? "pause" : "play"} />
    </button>
  );
}

function StemFacts({ stem }: { stem: Stem }) {
  return (
    <dl class="stem-facts">
      <div><dt>Type</dt><dd class="stem-type">{stem.type}{stem.type_source === "model" && "?"}</dd></div>
      <div><dt>Tempo</dt><dd>{stem.bpm === null ? "–" : <>{formatBpm(stem.bpm)}<small> bpm</small></>}</dd></div>
      <div><dt>Key</dt><dd>{stem.key === null ? "–" : prettyKey(stem.key)}</dd></div>
      <div><dt>Length</dt><dd>{formatSeconds(stem.seconds)}</dd></div>
      <div><dt>Licence</dt><dd class="licence" title={stem.licence ?? ""}>{stem.licence ?? "–"}</dd></div>
    </dl>
  );
}

function RowActions({ session, match }: { session: Session; match: Match }) {
  const { favourites, stack, search } = session;
  const { stem } = match;
  const isKept = favourites.has(stem.id);
  const name = `${stem.song}, ${stem.type}`;
  return (
    <div class="row-actions">
      <button type="button" class="quiet icon-button keep" aria-pressed={isKept} aria-label={`Keep ${name}`} title="Keep (F)" onClick={() => favourites.toggle(stem)}>
        <Icon name="heart" filled={isKept} />
      </button>
      <DownloadLink session={session} stem={stem}><Icon name="download" /></DownloadLink>
      <button type="button" class="quiet icon-button" aria-label={`More like ${name}`} title="More like this" onClick={() => void session.similar.ask(stem)}>
        <Icon name="similar" />
      </button>
      <button type="button" class="quiet icon-button" disabled={!search.mix.value?.sound} aria-disabled={stack.busy.value} aria-label={`Accept ${name} into the mix`} title="Accept into the mix and search on (A)" onClick={() => void stack.accept(match)}>
        <Icon name="add" />
      </button>
    </div>
  );
}
