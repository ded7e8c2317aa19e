import type { JsonObject } from "../../mcp/message.ts";
import { quote } from "../../shell/quote.ts";
import type { Reply } from "../reply.ts";
import type { Script } from "../script.ts";
import { CLAIM_FUNCTIONS, type ClaimPlace, openPlace } from "./on_host.ts";
import { writeResult } from "./result.ts";

/** A script that leaves the answer of a call in the claim that a frame has made. */
export function keepScript(place: ClaimPlace, id: string, reply: Reply): Script {
  const input = new TextEncoder().encode(writeResult(resultOf(reply)));
  return {
    source: `${CLAIM_FUNCTIONS}
umask 077
${openPlace(place)} || exit
e=$d/${quote(id)}
[ -d "$e" ] && [ ! -L "$e" ] && [ -O "$e" ] || exit
head -c ${input.length} >"$e/result.new" && [ "$(wc -c <"$e/result.new")" -eq ${input.length} ] &&
mv -f -- "$e/result.new" "$e/result"
`,
    input,
    limits: { headBytes: 1_024, tailBytes: 0 },
    wholeOutput: false,
  };
}

/** A reply as an agent would have answered. */
function resultOf({ text, failure, structured }: Reply): JsonObject {
  const content = [{ type: "text", text: failure === null ? text : `Error: ${failure}` }];
  return {
    content,
    isError: failure !== null,
    ...(structured === null ? {} : { structuredContent: structured }),
  };
}
