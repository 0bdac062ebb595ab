/** What the page uses of the answers of the HTTP API; names as in `service/schemas.py`. */

export interface Stem {
  readonly id: string;
  readonly type: string;
  readonly type_source: string;
  readonly type_confidence: number;
  readonly song: string;
  readonly path: string;
  readonly seconds: number;
  readonly bpm: number | null;
  readonly bpm_confidence: number | null;
  readonly key: string | null;
  readonly key_confidence: number | null;
  readonly kind: string | null;
  readonly loudness: number | null;
  readonly licence: string | null;
  readonly tags: readonly string[];
  readonly audio_url: string;
  /** What the file at `audio_url` is called. */
  readonly audio_name: string;
  readonly peaks_url: string;
}

export interface Placement {
  /** Seconds into the mix, as sent. */
  readonly mix_start: number;
  /** Second of the stem that is played there. */
  readonly stem_start: number;
  readonly seconds: number;
}

export interface Match {
  readonly rank: number;
  readonly score: number;
  readonly stem: Stem;
  readonly placement: Placement;
}

export interface MatchAnswer {
  readonly query: {
    readonly filename: string;
    /** Asks about the same mix again without its file, while the service remembers it. */
    readonly sha256: string;
    readonly seconds: number;
    readonly bpm: number | null;
    readonly bpm_confidence: number | null;
    readonly key: string | null;
    readonly key_confidence: number | null;
  };
  readonly build: string;
  readonly matches: readonly Match[];
}

export interface TypesAnswer {
  readonly build: string | null;
  readonly types: readonly { readonly type: string; readonly stems: number }[];
}

/** Lowest and highest sample of equal stretches; full scale is 127. */
export interface PeaksAnswer {
  readonly seconds: number;
  readonly peaks: readonly (readonly [number, number])[];
}

export interface SimilarAnswer {
  readonly stems: readonly { readonly rank: number; readonly score: number; readonly stem: Stem }[];
}
