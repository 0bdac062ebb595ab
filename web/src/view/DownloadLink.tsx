import type { ComponentChildren } from "preact";

import type { Favourite } from "../state/favourites.ts";
import type { Session } from "../state/session.ts";
import { fileNameOf } from "./offer.ts";
import { saveFile } from "./save.ts";

interface Props {
  readonly session: Session;
  readonly stem: Favourite;
  readonly children: ComponentChildren;
}

/** Saves a stem's file. A browser sends no key of its own accord: where one is needed, the page fetches the file. */
export function DownloadLink({ session, stem, children }: Props) {
  const filename = fileNameOf(stem);
  const needsKey = session.access.key.value !== null;
  const fetchIt = (event: MouseEvent): void => {
    if (!needsKey) return;
    event.preventDefault();
    void session.fetchFile(stem).then((file) => file && saveFile(file, filename));
  };
  return (
    <a
      class="quiet icon-button"
      href={stem.audio_url}
      download={filename}
      aria-label={`Download ${stem.song}, ${stem.type}`}
      title={needsKey ? "Download" : "Download, or drag the row into your DAW"}
      onClick={fetchIt}
    >
      {children}
    </a>
  );
}
