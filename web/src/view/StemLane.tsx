import type { Match } from "../api/answers.ts";
import { stemOrigin } from "../music/placement.ts";
import { turnSeconds } from "../music/turns.ts";
import { placedBy } from "../state/stems.ts";
import type { Session } from "../state/session.ts";
import { StemOutline } from "./StemOutline.tsx";

interface Props {
  readonly session: Session;
  readonly match: Match | null;
  readonly mixSeconds: number;
}

/** The chosen stem where it lies under the mix. */
export function StemLane({ session, match, mixSeconds }: Props) {
  if (match === null) return <div class="stem-lane is-empty" />;
  const { rate } = session.listening.changeFor(match);
  const framing = {
    from: -stemOrigin(placedBy(match, rate)) * rate,
    seconds: mixSeconds * rate,
    lit: { start: -Infinity, end: Infinity },
    turn: turnSeconds(match.stem, rate, mixSeconds),
  };
  return (
    <div class={session.listening.loading.value ? "stem-lane is-loading" : "stem-lane"}>
      <StemOutline className="stem-wave" stem={match.stem} session={session} framing={framing} />
    </div>
  );
}
