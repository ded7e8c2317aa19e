import { OutputCapture } from "../../lib/shell/output.ts";
import type { Ssh, SshResult, SshRunOptions } from "../../lib/fleet/ssh/client.ts";
import type { Script } from "../../lib/work/script.ts";
import type { Host } from "../../lib/fleet/host.ts";
import { NO_FORWARDS } from "../../lib/fleet/ssh/forward.ts";
import { Executions } from "./executions.ts";

/** What a fake ssh does with a script. */
export type SshBehaviour = "ran" | "not_delivered" | "unknown";

/** One use of ssh. */
export interface SshUse {
  readonly host: Host;
  readonly script: Script;
  readonly options: SshRunOptions;
}

/** An `Ssh` without processes, which counts what it ran. */
export interface FakeSsh extends Ssh {
  readonly executions: Executions;
  readonly uses: readonly SshUse[];
}

/** What a script that does its work prints: one that starts a job, where that is, and its process. */
function outputOf({ source }: Script): string {
  const startsJob = source.includes(" lmcp-job ");
  return startsJob ? "/jobs/0123456789abcdef\0" + "12\0/jobs/log\0\0" : "from ssh\n";
}

/** What only reads what another script changes is no execution. */
function onlyPrepares(script: Script): boolean {
  return "next" in script && script.next !== undefined;
}

/** Makes an `Ssh` that does the same with every script. */
export function createFakeSsh(behaviour: (host: Host) => SshBehaviour = () => "ran"): FakeSsh {
  const executions = new Executions();
  const uses: SshUse[] = [];

  function use(host: Host, script: Script): SshResult {
    const output = new OutputCapture({ headBytes: 1024, tailBytes: 0 });
    switch (behaviour(host)) {
      case "not_delivered":
        return { kind: "not_delivered", reason: "ssh connect failed: no route", exitCode: 255 };
      case "unknown":
        executions.record("ssh", script.source);
        return { kind: "unknown", reason: "connection lost", output };
      case "ran":
        if (!onlyPrepares(script)) executions.record("ssh", script.source);
        output.write("stdout", new TextEncoder().encode(outputOf(script)));
        return { kind: "ran", exitCode: 0, ended: "itself", output };
    }
  }

  return {
    executions,
    uses,
    run: (host, script, options) => {
      uses.push({ host, script, options });
      return Promise.resolve(use(host, script));
    },
    renew: () => {},
    close: () => Promise.resolve(),
    load: () => ({ running: 0, waiting: 0 }),
    warm: () => {},
    forwards: NO_FORWARDS,
    spares: () => ({ waiting: 0, taken: 0 }),
  };
}
