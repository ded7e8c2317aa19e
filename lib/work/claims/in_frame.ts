import { type FrameClaim, NOT_CLAIMED } from "../../shell/frame.ts";
import { quote } from "../../shell/quote.ts";
import { CLAIM_FUNCTIONS, type ClaimPlace, openPlace } from "./on_host.ts";
import type { Claim } from "./protocol.ts";
import { SWEEP } from "./sweep.ts";

/** One in so many commands removes old claims from the ssh user's own folder. */
const SWEPT_BY_ONE_IN = 64;

/** Claims a command that a frame runs, by the process of the frame. */
export function frameClaim({ id, digest }: Claim, place: ClaimPlace): FrameClaim {
  return {
    take: `${CLAIM_FUNCTIONS}
c=${quote(NOT_CLAIMED.unclaimable)}
if ${openPlace(place)}; then
e=$d/${quote(id)}
if claim_make "$e"; then
c=
claim_process "$m"
{ printf '%s\\n' "$b $m $k${digest === null ? "" : ` ${digest}`}" >"$e/run"; } 2>/dev/null
elif [ -z "$why" ]; then
c=${quote(NOT_CLAIMED.taken)}
fi
fi
[ "$c" != ${quote(NOT_CLAIMED.unclaimable)} ] || printf '%s\\n' "$why" >&5`,
    keep: `[ "$t" -gt 0 ] && [ "$c" -gt 128 ] && why=' ended' || why=
{ printf '%s\\n' "$c$r$why" >"$e/rc"; } 2>/dev/null`,
    after: place.kind === "own" ? SWEEP_NOW_AND_THEN : "",
  };
}

/** By a process that holds none of the command's streams. */
const SWEEP_NOW_AND_THEN = `if [ $((RANDOM % ${SWEPT_BY_ONE_IN})) -eq 0 ] && cd "\${e%/*}"; then
( exec 3<&- 4>&- 5>&-
agent=
${SWEEP}
) &
fi`;
