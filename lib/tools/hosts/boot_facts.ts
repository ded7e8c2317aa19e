import type { Clock } from "../../base/time/clock.ts";
import type { Dispatch } from "../../fleet/dispatch.ts";
import type { Host } from "../../fleet/host.ts";
import type { Call, Work } from "../../fleet/transport.ts";
import {
  BOOT_FILES,
  bootProcedure,
  type BootQuestion,
  parseBootId,
  parseUptime,
} from "../../work/boot.ts";
import type { BootFacts } from "./watch.ts";

/** Asks a host when it started, over whichever transport works. Never rejects for what it says. */
export async function readBootFacts(
  host: Host,
  { dispatch, call, clock }: {
    readonly dispatch: Dispatch;
    readonly call: Call;
    readonly clock: Pick<Clock, "wall">;
  },
): Promise<BootFacts> {
  async function ask(question: BootQuestion): Promise<string> {
    const dispatched = await dispatch(host, toWork(question), call);
    if (dispatched.kind !== "ran") return "";
    const { text, failure } = dispatched.reply;
    return failure === null ? text : "";
  }

  const id = parseBootId(await ask("id"));
  const askedAt = clock.wall();
  const uptime = parseUptime(await ask("uptime"));
  return { id, bootedAt: uptime === null ? null : askedAt - 1_000 * uptime };
}

function toWork(question: BootQuestion): Work {
  return {
    tool: "read_file",
    args: { path: BOOT_FILES[question] },
    declared: ["path"],
    readOnly: true,
    runMs: null,
    payloadBytes: 0,
    maxAnswerBytes: 64 * 1024,
    procedure: () => bootProcedure(question),
  };
}
