import type { ProblemError } from "../api/problem.ts";

interface Props {
  readonly problem: ProblemError;
  readonly action?: string;
  readonly onAction?: () => void;
}

/** What went wrong, in the service's words, and what can be done. */
export function Notice({ problem, action, onAction }: Props) {
  return (
    <div class="notice" role="alert">
      <p>{problem.message}</p>
      {problem.requestId && <p class="fine">Request {problem.requestId}</p>}
      {action && <button type="button" class="secondary" onClick={onAction}>{action}</button>}
    </div>
  );
}
