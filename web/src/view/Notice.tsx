import { asksForKey, type ProblemError } from "../api/problem.ts";
import type { Session } from "../state/session.ts";
import { KeyForm } from "./KeyForm.tsx";

interface Props {
  readonly session: Session;
  readonly problem: ProblemError;
  readonly action?: string;
  readonly onAction?: () => void;
}

/** What went wrong, in the service's words, and what can be done. */
export function Notice({ session, problem, action, onAction }: Props) {
  const wantsKey = asksForKey(problem);
  return (
    <div class="notice">
      <div role="alert">
        <p>{problem.message}</p>
        {problem.requestId && <p class="fine">Request {problem.requestId}</p>}
      </div>
      {wantsKey && <KeyForm session={session} />}
      {action && !wantsKey && <button type="button" class="secondary" onClick={onAction}>{action}</button>}
    </div>
  );
}
