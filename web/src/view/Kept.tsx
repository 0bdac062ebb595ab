import { useEffect, useRef } from "preact/hooks";

import type { Session } from "../state/session.ts";
import { DownloadLink } from "./DownloadLink.tsx";
import { KEPT_BUTTON } from "./Header.tsx";
import { Icon } from "./Icon.tsx";
import { offerFile } from "./offer.ts";

/** The stems that were kept, in a drawer. */
export function Kept({ session }: { session: Session }) {
  const { favourites, keptIsOpen, access, search, listening, store } = session;
  const closer = useRef<HTMLButtonElement>(null);
  const isOpen = keptIsOpen.value;
  useEffect(() => closer.current?.focus(), [isOpen]);
  if (!isOpen) return null;
  const close = (): void => {
    keptIsOpen.value = false;
    document.getElementById(KEPT_BUTTON)?.focus();
  };
  const stems = favourites.stems.value;
  return (
    <aside class="kept" aria-label="Kept stems" onKeyDown={(event) => event.key === "Escape" && close()}>
      <div class="kept-head">
        <h2>Kept</h2>
        <button ref={closer} type="button" data-focus-home class="quiet icon-button" aria-label="Close kept stems" onClick={close}><Icon name="close" /></button>
      </div>
      {stems.length === 0 && <p class="fine">Nothing yet. Press F, or the heart beside a result, and it is kept in this browser.</p>}
      {!store.isLasting.value && <p class="fine" role="status">This browser stores nothing for the page: what is kept is gone when it is closed.</p>}
      {search.mix.value === null && listening.problem.value && <p class="fine" role="alert">{listening.problem.value}</p>}
      <ul>
        {stems.map((stem) => (
          <li key={stem.id} class="kept-stem" draggable={access.key.value === null} onDragStart={(event) => offerFile(event, stem)}>
            <span><span class="song">{stem.song}</span> <span class="fine">{stem.type} · {stem.licence ?? "licence unknown"}</span></span>
            <button type="button" class="quiet icon-button" disabled={!search.mix.value?.sound} aria-label={`Hear ${stem.song}, ${stem.type} with the mix`} title="Hear it with the mix" onClick={() => void session.hearKept(stem)}><Icon name="play" /></button>
            <DownloadLink session={session} stem={stem}><Icon name="download" /></DownloadLink>
            <button type="button" class="quiet icon-button" aria-label={`Keep ${stem.song}, ${stem.type} no longer`} onClick={() => favourites.toggle(stem)}><Icon name="close" /></button>
          </li>
        ))}
      </ul>
    </aside>
  );
}
