import { z } from "zod";
import type { TestSshd } from "../../../tests/sshd.ts";
import { findProgram, passedOn } from "../programs.ts";

/** How long such a server may take to start, and to answer. */
const ANSWER_MS = 30_000;

/** An MCP server of somebody else that runs commands over ssh. */
export interface SshServer extends AsyncDisposable {
  readonly name: string;
  /** Runs `true` on the host. Throws if that fails. */
  readonly runTrue: () => Promise<void>;
}

/** How a server from npm is started, and called. */
interface Peer {
  /** Of its package, and of its program. */
  readonly name: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Writes what it reads into a directory; returns its environment. */
  readonly configure: (target: Target) => Promise<Record<string, string>>;
}

interface Target {
  readonly sshd: TestSshd;
  readonly user: string;
  readonly directory: string;
}

const PEERS: readonly Peer[] = [{
  name: "ssh-mcp",
  tool: "run-command",
  args: { profile: "target", command: "true" },
  configure: async ({ sshd, user, directory }) => {
    await Deno.mkdir(`${directory}/ssh-mcp`, { mode: 0o700 });
    const config = `[defaults]
defaultProfile = "target"
approvalMode = "auto"

[[profiles]]
name = "target"
host = "127.0.0.1"
port = ${sshd.port}
user = "${user}"
auth = "key"
keyRef = "${sshd.directory}/user_key"
role = "admin"
approvalPolicy = "auto"
`;
    await Deno.writeTextFile(`${directory}/ssh-mcp/config.toml`, config, { mode: 0o600 });
    return { XDG_CONFIG_HOME: directory };
  },
}, {
  name: "mcp-ssh-manager",
  tool: "ssh_execute",
  args: { server: "target", command: "true" },
  configure: ({ sshd, user }) =>
    Promise.resolve({
      SSH_SERVER_TARGET_HOST: "127.0.0.1",
      SSH_SERVER_TARGET_PORT: String(sshd.port),
      SSH_SERVER_TARGET_USER: user,
      SSH_SERVER_TARGET_KEYPATH: `${sshd.directory}/user_key`,
    }),
}];

/** Starts those that are installed, with a home of their own; notes which are not. */
export async function openSshServers(
  sshd: TestSshd,
  stack: AsyncDisposableStack,
): Promise<{ readonly servers: SshServer[]; readonly notes: string[] }> {
  const servers: SshServer[] = [];
  const notes: string[] = [];
  for (const peer of PEERS) {
    const program = await findProgram(peer.name);
    if (program === null) notes.push(`no ${peer.name}: it is not installed (npm install -g)`);
    else servers.push(stack.use(await startPeer(program, peer, sshd)));
  }
  return { servers, notes };
}

async function startPeer(program: string, peer: Peer, sshd: TestSshd): Promise<SshServer> {
  const directory = await Deno.makeTempDir({ prefix: `${peer.name}-` });
  await Deno.mkdir(`${directory}/.ssh`, { mode: 0o700 });
  await Deno.writeTextFile(`${directory}/.ssh/known_hosts`, await knownHost(sshd));
  const env = await peer.configure({ sshd, user: await userName(), directory });
  const child = new Deno.Command(program, {
    env: { ...passedOn(), HOME: directory, ...env },
    cwd: directory,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const client = new LineClient(child);
  await client.request("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  });
  await client.notify("notifications/initialized");
  return {
    name: peer.name,
    runTrue: async () => {
      const answer = await client.request("tools/call", { name: peer.tool, arguments: peer.args });
      if (/"isError":true|"error":/.test(answer)) throw new Error(`${peer.name}: ${answer}`);
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function knownHost(sshd: TestSshd): Promise<string> {
  const key = await Deno.readTextFile(`${sshd.directory}/host_key.pub`);
  return `[127.0.0.1]:${sshd.port} ${key}`;
}

async function userName(): Promise<string> {
  const { stdout } = await new Deno.Command("id", { args: ["-un"] }).output();
  return new TextDecoder().decode(stdout).trim();
}

const messageSchema = z.object({ id: z.number() });

/** A client of a server on the standard streams of a process. */
class LineClient {
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #buffer = "";
  #id = 0;

  constructor(child: Deno.ChildProcess) {
    this.#input = child.stdin.getWriter();
    this.#lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Sends a request; returns the line that answers it. Throws if none comes in time. */
  async request(method: string, params: Readonly<Record<string, unknown>>): Promise<string> {
    const id = ++this.#id;
    await this.#send({ jsonrpc: "2.0", id, method, params });
    const deadline = setTimeout(() => this.#lines.cancel(), ANSWER_MS);
    try {
      for (;;) {
        const line = await this.#readLine();
        const message = messageSchema.safeParse(JSON.parse(line));
        if (message.success && message.data.id === id) return line;
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  async notify(method: string): Promise<void> {
    await this.#send({ jsonrpc: "2.0", method });
  }

  async close(): Promise<void> {
    await this.#lines.cancel().catch(() => {});
    await this.#input.close().catch(() => {});
  }

  async #send(message: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }

  async #readLine(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf("\n");
      if (end >= 0) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("The server has ended, or does not answer");
      this.#buffer += value;
    }
  }
}
