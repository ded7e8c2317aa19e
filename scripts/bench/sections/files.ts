import { type Bench, inTurns, type Section, timeMs } from "../bench.ts";
import { startAgent, startHub } from "../servers.ts";
import { NO_SSHD, openSshLab, type SshLab } from "../peers/ssh_client.ts";
import { measure } from "../statistics.ts";
import type { Table } from "../table.ts";
import { callOnce } from "../tool_request.ts";

const MIB = 1024 * 1024;
const FILE_BYTES = 16 * MIB;
const LINE = 'A line of a text file, with "quotes" and a tab\t, like those that people keep.\n';

/** A large file read and written over both transports, compared with ssh itself. */
export const files: Section = { name: "files", run: runFiles };

interface Row {
  readonly name: string;
  readonly work: () => Promise<unknown>;
}

async function runFiles(bench: Bench): Promise<Table[]> {
  const content = LINE.repeat(Math.ceil(FILE_BYTES / LINE.length)).slice(0, FILE_BYTES);
  const path = `${bench.directory}/large`;
  await Deno.writeTextFile(path, content);
  await using agent = await startAgent(bench);
  await using lab = await openSshLab();
  const hosts = [{ name: "agent", port: agent.port }, { name: "target", sshHost: "target" }];
  await using hub = await startHub({ hosts, env: lab?.hubEnv ?? {} }, bench);
  const copy = `${path}-copy`;
  const overHub = (host: string): Row[] => [{
    name: `read, hub to ${host}`,
    work: () =>
      callOnce({
        port: hub.port,
        tool: "remote_read_file",
        args: { host, path },
        isForProgram: true,
      }),
  }, {
    name: `write, hub to ${host}`,
    work: () => {
      const args = { host, path: copy, content };
      return callOnce({ port: hub.port, tool: "remote_write_file", args });
    },
  }];
  const direct: Row[] = [{
    name: "read, agent directly",
    work: () => callOnce({ port: agent.port, tool: "read_file", args: { path } }),
  }, {
    name: "write, agent directly",
    work: () => callOnce({ port: agent.port, tool: "write_file", args: { path: copy, content } }),
  }];
  const overSsh = lab === null ? [] : [...overHub("target"), ...bareRows(lab, path, content)];
  const rows = [...direct, ...overHub("agent"), ...overSsh];
  // Opens the masters, so that no row includes the time for that.
  for (const { work } of rows) await work();
  const samples = await inTurns(bench, rows, async ({ work }) => await timeMs(work) / 1000);
  return [{
    title: `A file of ${FILE_BYTES / MIB} MiB`,
    columns: ["way", "s", "MiB/s"],
    rows: [...samples].map(([{ name }, seconds]) => [
      name,
      measure(seconds),
      measure(seconds.map((time) => FILE_BYTES / MIB / time)),
    ]),
    targets: [],
    notes: lab === null ? [NO_SSHD] : ['"target" is reached over ssh'],
  }];
}

function bareRows(lab: SshLab, path: string, content: string): Row[] {
  const input = new TextEncoder().encode(content);
  return [
    { name: "read, bare ssh", work: () => lab.run(`cat ${path}`, { isMultiplexed: true }) },
    {
      name: "write, bare ssh",
      work: () => lab.run(`cat > ${path}-copy`, { isMultiplexed: true, input }),
    },
  ];
}
