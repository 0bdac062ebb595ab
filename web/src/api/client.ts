/** The service, seen from the page. Addresses are relative: the page may stand behind a prefix. */

import type { MatchAnswer, PeaksAnswer, SimilarAnswer, TypesAnswer } from "./answers.ts";
import { readProblem } from "./problem.ts";

export interface MatchRequest {
  readonly mix: Blob;
  readonly filename: string;
  readonly parameters: URLSearchParams;
  /** Share of the upload that has been sent, 0 to 1. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

export interface Client {
  types(): Promise<TypesAnswer>;
  match(request: MatchRequest): Promise<MatchAnswer>;
  peaks(url: string): Promise<PeaksAnswer>;
  sound(url: string): Promise<ArrayBuffer>;
  /** Whether this service answers `/stems/{id}/similar`. */
  knowsSimilar(): Promise<boolean>;
  similar(stemId: string): Promise<SimilarAnswer>;
}

export function createClient(): Client {
  return {
    types: () => getJson<TypesAnswer>("types"),
    match: postMix,
    peaks: (url) => getJson<PeaksAnswer>(url),
    sound: async (url) => (await get(url)).arrayBuffer(),
    knowsSimilar: async () => {
      const document = await getJson<{ readonly paths: Record<string, unknown> }>("openapi.json");
      return "/stems/{stem_id}/similar" in document.paths;
    },
    similar: (stemId) => getJson<SimilarAnswer>(`stems/${encodeURIComponent(stemId)}/similar?limit=20`),
  };
}

async function getJson<T>(url: string): Promise<T> {
  return (await (await get(url)).json()) as T;
}

async function get(url: string): Promise<Response> {
  const response = await fetch(url).catch(() => {
    throw readProblem(0, "");
  });
  if (!response.ok) throw readProblem(response.status, await response.text());
  return response;
}

/** XMLHttpRequest, because `fetch` does not tell how much of an upload is sent. */
function postMix({ mix, filename, parameters, onProgress, signal }: MatchRequest): Promise<MatchAnswer> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append("mix", mix, filename);
    const request = new XMLHttpRequest();
    request.open("POST", `match?${parameters}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.upload.onload = () => onProgress(1);
    request.onerror = () => reject(readProblem(0, ""));
    request.onabort = () => reject(new DOMException("Another question was asked.", "AbortError"));
    request.onload = () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText) as MatchAnswer);
      else reject(readProblem(request.status, request.responseText));
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
