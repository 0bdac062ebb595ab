/** The service, seen from the page. Addresses are relative: the page may stand behind a prefix. */

import type { MatchAnswer, PeaksAnswer, SimilarAnswer, TypesAnswer } from "./answers.ts";
import { notAnAnswer, readProblem } from "./problem.ts";

export interface Upload {
  readonly mix: Blob;
  readonly filename: string;
  readonly parameters: URLSearchParams;
  /** Share of the upload that has been sent, 0 to 1. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal;
}

export interface Client {
  types(): Promise<TypesAnswer>;
  match(upload: Upload): Promise<MatchAnswer>;
  /** As `match`, about a mix that was sent before: its `sha256` is among the parameters. */
  matchAgain(parameters: URLSearchParams, signal?: AbortSignal): Promise<MatchAnswer>;
  peaks(url: string): Promise<PeaksAnswer>;
  sound(url: string, signal?: AbortSignal): Promise<ArrayBuffer>;
  similar(stemId: string, limit: number): Promise<SimilarAnswer>;
}

/** `readKey` tells the API key, where there is one; it is sent with every question. */
export function createClient(readKey: () => string | null): Client {
  const get = async (url: string, options: RequestInit = {}): Promise<Response> => {
    const response = await fetch(url, { ...options, headers: keyHeader(readKey()) }).catch((error: unknown) => {
      throw options.signal?.aborted ? error : readProblem(0, "");
    });
    if (!response.ok) throw readProblem(response.status, await response.text());
    return response;
  };
  const getJson = async <T>(url: string, options: RequestInit = {}): Promise<T> => {
    const response = await get(url, options);
    return (await response.json().catch(tellOfBody(response, options.signal))) as T;
  };
  return {
    types: () => getJson("types"),
    match: (upload) => sendMix(upload, keyHeader(readKey())),
    matchAgain: (parameters, signal) => getJson(`match?${parameters}`, { method: "POST", signal: signal ?? null }),
    peaks: (url) => getJson(url),
    sound: async (url, signal) => {
      const response = await get(url, { signal: signal ?? null });
      return response.arrayBuffer().catch(tellOfBody(response, signal));
    },
    similar: (stemId, limit) => getJson(`stems/${encodeURIComponent(stemId)}/similar?limit=${limit}`),
  };
}

function keyHeader(key: string | null): Record<string, string> {
  return key === null ? {} : { Authorization: `Bearer ${key}` };
}

/** What it means that an answer began and could not be read. */
function tellOfBody({ status }: Response, signal?: AbortSignal | null): (error: unknown) => never {
  return (error) => {
    if (signal?.aborted) throw error;
    throw error instanceof SyntaxError ? notAnAnswer(status) : readProblem(0, "");
  };
}

/** XMLHttpRequest, because `fetch` does not tell how much of an upload is sent. */
function sendMix(
  { mix, filename, parameters, onProgress, signal }: Upload, headers: Record<string, string>,
): Promise<MatchAnswer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const form = new FormData();
    form.append("mix", mix, filename);
    const request = new XMLHttpRequest();
    request.open("POST", `match?${parameters}`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.upload.onload = () => onProgress(1);
    request.onerror = () => reject(readProblem(0, ""));
    request.onabort = () => reject(new DOMException("Another question was asked.", "AbortError"));
    request.onload = () => {
      if (request.status !== 200) return reject(readProblem(request.status, request.responseText));
      try {
        resolve(JSON.parse(request.responseText) as MatchAnswer);
      } catch {
        reject(notAnAnswer(request.status));
      }
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
