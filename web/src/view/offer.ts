/** Dragging a stem out of the browser: Chromium writes the file where it is dropped. */

import type { Stem } from "../api/answers.ts";

/** As the service sends each kind of file (service/audio_files.py). */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  aac: "audio/aac",
  aif: "audio/aiff",
  aiff: "audio/aiff",
  caf: "audio/x-caf",
  flac: "audio/flac",
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  mp4: "audio/mp4",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  opus: "audio/ogg",
  wav: "audio/wav",
  webm: "audio/webm",
};

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
