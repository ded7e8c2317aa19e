import assert from "node:assert/strict";
import { parseCommand } from "../../../lib/cli/command.ts";
import type { Screen } from "../../../lib/cli/paint.ts";
import { runCheck } from "../../../lib/modes/check.ts";
import { type FakeFile, fakeSources } from "../../config/fake_sources.ts";

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, FakeFile>>;
  readonly canWriteKnownHosts?: boolean;
  readonly keyPairFault?: string;
  readonly screen?: Screen;
  /** Why no directory can hold ssh's sockets. */
  readonly controlFault?: string;
  /** Why the audit trail cannot be written. */
  readonly appendFault?: string;
}

/** Where output is neither colored nor read by a person. */
export const PIPE: Screen = { isTerminal: false, noColor: false };

/** Runs `--check` with these arguments. */
export async function check(
  line: string,
  { canWriteKnownHosts = true, keyPairFault, controlFault, appendFault, screen = PIPE, ...world }:
    World,
) {
  const command = parseCommand(`--check ${line}`.trim().split(" "));
  assert.ok(command.mode === "check");
  const stdout: string[] = [];
  const stderr: string[] = [];
  const status = await runCheck(command, {
    ...fakeSources(world),
    name: "lmcp-hub",
    screen,
    stdout: (text) => stdout.push(text),
    stderr: (text) => stderr.push(text),
    canWriteKnownHosts: () => Promise.resolve(canWriteKnownHosts),
    findAppendFault: () => Promise.resolve(appendFault ?? null),
    findControlFault: (path) => Promise.resolve(controlFault ? `${path}: ${controlFault}` : null),
    findKeyPairFault: ({ cert, key }) => keyPairFault ? `${cert}+${key}: ${keyPairFault}` : null,
  });
  return { status, stdout, stderr };
}
