/** Problems as the API tells them (RFC 9457), and as people can read them. */

export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  /** Last part of the problem's type, such as `no-index`; empty where there is none. */
  readonly slug: string;
  readonly requestId: string | null;

  constructor(status: number, slug: string, detail: string, requestId: string | null) {
    super(detail);
    this.status = status;
    this.slug = slug;
    this.requestId = requestId;
  }
}

/** Whether an API key that may read would help. */
export function asksForKey(problem: ProblemError): boolean {
  return problem.slug === "no-key" || problem.slug === "not-allowed";
}

const UNREACHABLE = "The service does not answer. Is “counterpart serve” running? Start it and try again.";
const NOT_AN_ANSWER = "What answered is not the service. A proxy in between may ask you to log in: load the page again.";

/** The problem in an answer's body, or a sentence about its status where there is none. */
export function readProblem(status: number, body: string): ProblemError {
  if (status === 0) return new ProblemError(0, "unreachable", UNREACHABLE, null);
  const told = parseObject(body);
  const detail = textOf(told["detail"]) ?? `The service answered with status ${status}. Try again.`;
  const slug = (textOf(told["type"]) ?? "").split(":").at(-1) ?? "";
  return new ProblemError(status, slug, detail, textOf(told["request_id"]));
}

/** An answer that claims to be one and is none: something stands between the page and the service. */
export function notAnAnswer(status: number): ProblemError {
  return new ProblemError(status, "not-an-answer", NOT_AN_ANSWER, null);
}

/** Any error as a problem; what is not one of the API's is told in its own words. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new ProblemError(-1, "unexpected", words, null);
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
