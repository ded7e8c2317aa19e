import { decodeUtf8 } from "../../base/bytes.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import { isJsonObject } from "../../mcp/message.ts";
import { quote } from "../../shell/quote.ts";
import type { Script, ScriptRun } from "../script.ts";
import type { Found, FoundClaim, ScriptEnd } from "./found.ts";
import { CLAIM_FUNCTIONS, type ClaimPlace, openPlace } from "./on_host.ts";
import { MAX_RESULT_BYTES } from "./result.ts";

/** Boots and processes are told apart to the second. */
const MARGIN_SECONDS = 2;

/** Which claim, and where. */
export interface LookUp {
  readonly place: ClaimPlace;
  readonly id: string;
  /** For so many seconds the call may have been there. */
  readonly ageSeconds: number;
}

/**
 * A script that finds out what became of a claim, and claims it itself where nobody has, so that the
 * call cannot run any more. `readLookUp()` reads what it writes: the state, the digest, the answer.
 */
export function lookUpScript({ place, id, ageSeconds }: LookUp): Script {
  return {
    source: `${CLAIM_FUNCTIONS}
g=
say() { printf '%s\\n%s\\n' "$1" "$g"; exit 0; }
${openPlace(place)} || say "unable $why"
e=$d/${quote(id)}
if [ ! -e "$e" ] && [ ! -L "$e" ]; then
${onlySince(place)}[ "$age" -gt ${ageSeconds + MARGIN_SECONDS} ] || say forgotten
if claim_make "$e"; then
: >"$e/fenced"
say fenced
fi
[ -z "$why" ] || say "unable $why"
fi
${SAY_STATE}`,
    input: null,
    limits: { headBytes: MAX_RESULT_BYTES + 1_024, tailBytes: 0 },
    wholeOutput: true,
  };
}

/** Another boot is perhaps another machine, which has a copy of the folder, and knows nothing. */
function onlySince(place: ClaimPlace): string {
  if (place.kind !== "agent" || place.boot === null) return "";
  return `[ "$b" = ${quote(place.boot)} ] || say forgotten\n`;
}

/** An answer may come while its process is looked for, so it is looked for again. */
const SAY_STATE =
  `[ -d "$e" ] && [ ! -L "$e" ] && [ -O "$e" ] || say 'unable it is not a claim of this user'
claim_end() {
if [ -f "$e/result" ] && [ ! -L "$e/result" ]; then
printf 'ended\\n%s\\n' "$g"
exec cat "$e/result"
fi
c=
{ read -r c <"$e/rc"; } 2>/dev/null && [ -n "$c" ] && say "exited $c"
}
boot= pid= start= g=
{ read -r boot pid start g <"$e/run"; } 2>/dev/null || { boot= g=; }
claim_end
[ ! -e "$e/fenced" ] || say fenced
[ -n "$boot" ] || say begun
[ "$boot" = "$b" ] || say rebooted
if claim_process "$pid" && [ "$k" = "$start" ]; then
case $z in Z*|X*) ;; *) { : >"$e/asked"; } 2>/dev/null; say "running $pid" ;; esac
fi
claim_end
say gone
`;

/** What a `lookUpScript()` has found, and the process that runs it; 0: none that is known. */
export interface LookedUp extends FoundClaim {
  readonly pid: number;
}

/** Reads what a `lookUpScript()` wrote. */
export function readLookUp(run: ScriptRun): LookedUp {
  const bytes = run.output.bytes("stdout");
  const first = bytes.indexOf(LINE_FEED);
  const second = bytes.indexOf(LINE_FEED, first + 1);
  if (run.ended !== "itself" || run.exitCode !== 0 || first < 0 || second < 0) {
    return { ...unable(`exit code ${run.exitCode}`), pid: 0 };
  }
  const line = decode(bytes.subarray(0, first));
  const digest = decode(bytes.subarray(first + 1, second)) || null;
  const [state = "", ...words] = line.split(" ");
  const found = readState(state, words, bytes.subarray(second + 1));
  return { found, digest, pid: state === "running" ? Number(words[0]) : 0 };
}

const LINE_FEED = 0x0a;

function readState(state: string, words: readonly string[], rest: Uint8Array): Found {
  switch (state) {
    case "running":
    case "begun":
    case "gone":
    case "rebooted":
    case "fenced":
    case "forgotten":
      return { state };
    case "ended":
      return { state, result: parseResult(rest) };
    case "exited": {
      const end = parseScriptEnd(words);
      return end === null ? { state: "ended", result: null } : { state, end };
    }
    default:
      return unable(foreignText(words.join(" "))).found;
  }
}

/** Reads what a frame writes of its script's end: `143! ended`. */
function parseScriptEnd([code = "", note = ""]: readonly string[]): ScriptEnd | null {
  const [, digits, remains] = /^(\d{1,3})(!?)$/.exec(code) ?? [];
  if (digits === undefined) return null;
  return { exitCode: Number(digits), wasEnded: note === "ended", remains: remains === "!" };
}

function parseResult(bytes: Uint8Array) {
  try {
    const result: unknown = JSON.parse(decode(bytes));
    return isJsonObject(result) ? result : null;
  } catch {
    return null;
  }
}

function decode(bytes: Uint8Array): string {
  return decodeUtf8(bytes) ?? "";
}

function unable(reason: string): FoundClaim {
  return { found: { state: "unable", reason }, digest: null };
}
