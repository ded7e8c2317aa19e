import { untilListening } from "../e2e/client.ts";
import { startProgram, temporaryFile } from "../e2e/program.ts";

/** A hub as the documents assume it: it asks for a token, and has an agent as host `local`. */
export interface DocumentedFleet extends AsyncDisposable {
  /** Without a path. */
  readonly origin: string;
  readonly token: string;
  /** A host without a backend; its `ssh` only notes that it was called, and fails. */
  readonly sshOnly: string;
  /** Whether `ssh` was called since this was last asked. */
  readonly takeSshCall: () => Promise<boolean>;
}

/** Starts the fleet. */
export async function startDocumentedFleet(): Promise<DocumentedFleet> {
  await using stack = new AsyncDisposableStack();
  const agent = stack.use(startProgram({ args: ["--agent"], permissions: "agent" }));
  const registry = stack.use(
    await temporaryFile(
      "hosts.toml",
      `[hosts.local]\nlmcp_url = "${agent.url}"\n[hosts.ssh-only]\nssh_host = "nowhere"\n` +
        '[commands.uptime]\nrun = ["uptime"]\n',
    ),
  );
  const ssh = stack.use(await temporaryFile("ssh", '#!/bin/sh\n: >"$0.called"\nexit 255\n'));
  await Deno.chmod(ssh.path, 0o700);
  const token = crypto.randomUUID();
  const hub = stack.use(startProgram({
    args: ["--registry", registry.path, "--quiet"],
    env: {
      LMCP_TOKEN: token,
      PATH: `${ssh.path.replace(/\/ssh$/, "")}:${Deno.env.get("PATH")}`,
    },
  }));
  await Promise.all([untilListening(agent.port), untilListening(hub.port)]);
  const owned = stack.move();
  return {
    origin: new URL(hub.url).origin,
    token,
    sshOnly: "ssh-only",
    takeSshCall: async () => {
      try {
        await Deno.remove(`${ssh.path}.called`);
        return true;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return false;
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
