/** Dragging a stem out of the browser: Chromium writes the file where it is dropped. */

import type { Stem } from "../api/answers.ts";

const MEDIA_TYPES: Readonly<Record<string, string>> = { wav: "audio/wav", flac: "audio/flac", mp3: "audio/mpeg", ogg: "audio/ogg" };

export function offerFile(event: DragEvent, stem: Pick<Stem, "path" | "audio_url">): void {
  const name = stem.path.split("/").at(-1) ?? stem.path;
  const url = new URL(stem.audio_url, document.baseURI).href;
  const type = MEDIA_TYPES[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/octet-stream";
  event.dataTransfer?.setData("DownloadURL", `${type}:${name.replaceAll(":", "-")}:${url}`);
  event.dataTransfer?.setData("text/uri-list", url);
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "copy";
}
