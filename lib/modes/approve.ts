import { visibleText } from "../approvals/visible_text.ts";
import { askHub, failureText } from "../approvals/socket/ask.ts";
import type { HubAnswer, ListedApproval, OperatorRequest } from "../approvals/socket/messages.ts";
import { findForeignOwner, type Looking } from "../approvals/socket/owner.ts";
import { findSockets } from "../approvals/socket/names.ts";
import type { Clock } from "../base/time/clock.ts";
import type { Command } from "../cli/command.ts";
import { CONTROL_DIRECTORIES } from "../config/variables.ts";
import { complain, EXIT, type Program } from "../hub/program.ts";

/** `--approvals`, `--approve` or `--deny`, parsed. */
export type ApproveCommand = Extract<Command, { readonly mode: "approvals" | "approve" | "deny" }>;

/** Properties of the process that the mode uses. */
export interface ApproveInputs extends Pick<Program, "name" | "stdout" | "stderr" | "env"> {
  /** In milliseconds since 1970. */
  readonly now: () => number;
  readonly clock: Pick<Clock, "after">;
  /** Whom the audit trail is to name. */
  readonly uid: () => number | null;
}

/**
 * Lists the calls that wait for the operator, or answers one, over the socket of the hub that runs on
 * this machine. The exit status: 0, 1 there is no such approval or it was answered before, 2 the hub
 * cannot be reached.
 */
export async function runApprove(
  command: ApproveCommand,
  inputs: ApproveInputs,
): Promise<number> {
  const named = inputs.env("LMCP_HUB_CONTROL_DIR");
  const directories = named ? [named] : CONTROL_DIRECTORIES;
  const looking = { uid: inputs.uid(), isNamed: Boolean(named) };
  const { paths, failures } = await findAll(directories, looking);
  const request = requestOf(command, inputs);
  // At once: one that hangs keeps no other waiting.
  const asked = await Promise.all(paths.map(async (path) => ({
    path,
    ...await askHub(path, request, inputs.clock),
  })));
  const failed = [...failures, ...asked.flatMap((one) => one.kind === "failed" ? [one] : [])];
  const left = asked.flatMap((one) => one.kind === "left" ? [one] : []);
  const answer = joinAnswers(asked.flatMap((one) => one.kind === "answer" ? [one.answer] : []));
  const shown = answer === null ? [...failed, ...left] : isFinal(answer) ? [] : failed;
  for (const { path, reason } of shown) {
    complain(inputs, `Cannot use "${path}": ${visibleText(reason)}`);
  }
  if (answer !== null) return print(answer, command, inputs);
  if (shown.length === 0) complain(inputs, missing(directories));
  return EXIT.unusable;
}

function missing(directories: readonly string[]): string {
  return `No hub serves approvals in ${directories.join(" or ")}: it does not run, its ` +
    "registry has no [[confirm]], or it has another LMCP_HUB_CONTROL_DIR";
}

/** The sockets in all these directories that are there, and are no other user's. */
async function findAll(directories: readonly string[], looking: Looking) {
  const paths: string[] = [];
  const failures: { readonly path: string; readonly reason: string }[] = [];
  for (const path of directories) {
    try {
      const reason = await findForeignOwner(path, looking);
      if (reason === null) paths.push(...await findSockets(path));
      else failures.push({ path, reason });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      failures.push({ path, reason: failureText(error) });
    }
  }
  return { paths, failures };
}

/** What several hubs say: all that wait, or the answer of the one that knows the call. Null: none says anything. */
function joinAnswers(answers: readonly HubAnswer[]): HubAnswer | null {
  const known = answers.find(isFinal);
  if (known !== undefined) return known;
  const lists = answers.flatMap((answer) => answer.kind === "waiting" ? [answer.approvals] : []);
  if (lists.length === 0) return answers[0] ?? null;
  const approvals = lists.flat().sort((a, b) => a.asked_at - b.asked_at);
  return { kind: "waiting", approvals };
}

/** Whether an answer is that of the one hub that knows a call. */
function isFinal({ kind }: HubAnswer): boolean {
  return kind !== "unknown" && kind !== "waiting";
}

function requestOf(command: ApproveCommand, { uid }: ApproveInputs): OperatorRequest {
  if (command.mode === "approvals") return { do: "list" };
  const id = uid();
  const by = `the operator, user ${id ?? "unknown"}, on the hub's machine`;
  return { do: command.mode, id: command.id, by };
}

function print(answer: HubAnswer, command: ApproveCommand, inputs: ApproveInputs): number {
  switch (answer.kind) {
    case "waiting":
      for (const approval of answer.approvals) inputs.stdout(describe(approval, inputs.now()));
      if (answer.approvals.length === 0) inputs.stdout("no call waits for approval");
      return EXIT.ok;
    case "allowed":
      inputs.stdout(
        "allowed, once: the caller can repeat its call now, and --deny takes it back until then",
      );
      inputs.stdout(indent(answer.shown));
      return EXIT.ok;
    case "denied":
      inputs.stdout("denied");
      inputs.stdout(indent(answer.shown));
      return EXIT.ok;
    case "before": {
      const by = answer.by === null ? "" : ` (${visibleText(answer.by)})`;
      complain(inputs, `it was answered before: ${visibleText(answer.state)}${by}`);
      return EXIT.failed;
    }
    case "unknown": {
      const id = command.mode === "approvals" ? "" : ` ${JSON.stringify(command.id)}`;
      complain(
        inputs,
        `no call waits for approval${id}: each waits for ten minutes (--approvals lists them)`,
      );
      return EXIT.failed;
    }
  }
}

function describe({ id, shown, expires_at: expiresAt }: ListedApproval, now: number): string {
  const seconds = Math.max(0, Math.floor((expiresAt - now) / 1_000));
  const left = seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
  return `${visibleText(id)} (${left} left)\n${indent(shown)}`;
}

/** What comes over a socket in /tmp may be another user's words. */
function indent(shown: string): string {
  return visibleText(shown).replace(/^/gm, "  ");
}
