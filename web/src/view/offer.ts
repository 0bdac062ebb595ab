/** Dragging a stem out of the browser: Chromium writes the file where it is dropped. */

import type { Stem } from "../api/answers.ts";

const MEDIA_TYPES: Readonly<Record<string, string>> = { wav: "audio/wav", flac: "audio/flac", mp3: "audio/mpeg", ogg: "audio/ogg", m4a: "audio/mp4" };

type Named = Pick<Stem, "path"> & Partial<Pick<Stem, "audio_name">>;

/** What a stem's file is called. What was kept before the service told has only its path. */
export function fileNameOf({ path, audio_name }: Named): string {
  return audio_name ?? path.split("/").at(-1) ?? path;
}

export function offerFile(event: DragEvent, stem: Named & Pick<Stem, "audio_url">): void {
  const name = fileNameOf(stem);
  const url = new URL(stem.audio_url, document.baseURI).href;
  const type = MEDIA_TYPES[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/octet-stream";
  event.dataTransfer?.setData("DownloadURL", `${type}:${name.replaceAll(":", "-")}:${url}`);
  event.dataTransfer?.setData("text/uri-list", url);
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "copy";
}
