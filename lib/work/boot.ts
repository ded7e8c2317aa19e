import { CLAIM_FUNCTIONS } from "./claims/on_host.ts";
import { failedReply } from "./run_failure.ts";
import type { Procedure } from "./script.ts";

/** What a host can be asked about its last start. */
export type BootQuestion = "id" | "uptime";

/** The files in which Linux has the answers, for a backend that reads files. */
export const BOOT_FILES: Readonly<Record<BootQuestion, string>> = {
  id: "/proc/sys/kernel/random/boot_id",
  uptime: "/proc/uptime",
};

const LIMITS = { headBytes: 4_096, tailBytes: 0 };

/** Asks the same over ssh, of macOS too. */
export function bootProcedure(question: BootQuestion): Procedure {
  const variable = question === "id" ? "$b" : "$u";
  return {
    source: `${CLAIM_FUNCTIONS}claim_clock && printf '%s\\n' "${variable}"\n`,
    input: null,
    limits: LIMITS,
    wholeOutput: true,
    read: (run) => {
      const { stdout } = run.output.text();
      return run.exitCode === 0
        ? { text: stdout, failure: null, structured: null }
        : failedReply("the host does not say when it started");
    },
  };
}

/** A boot id: another one after each start. Null: this is none. */
export function parseBootId(text: string): string | null {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : null;
}

/** For how many seconds a host has been up. Null: this does not say. */
export function parseUptime(text: string): number | null {
  const [, seconds] = /^(\d{1,12}(?:\.\d+)?)(?:\s|$)/.exec(text) ?? [];
  return seconds === undefined ? null : Number(seconds);
}
