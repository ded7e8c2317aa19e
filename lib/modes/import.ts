import { hasError, type Problem } from "../base/problem.ts";
import type { Command } from "../cli/command.ts";
import { checkHosts } from "../config/import/check_hosts.ts";
import {
  type ExistingRegistry,
  findAppendFaults,
  isLegacy,
  readExisting,
} from "../config/import/existing.ts";
import { parseHomes } from "../config/import/homes.ts";
import { readSource, STDIN } from "../config/import/read_source.ts";
import { renderHosts } from "../config/import/render.ts";
import { type StatedHost, type StatedHosts, unusable } from "../config/import/source.ts";
import { isTomlPath } from "../config/registry/load.ts";
import { type HubSettings, loadHubSettings } from "../config/settings.ts";
import { complain, EXIT, type Program, reportProblems } from "../hub/program.ts";

/** `--import`, parsed. */
export type ImportCommand = Extract<Command, { readonly mode: "import" }>;

/** The process that `--import` runs in. */
export interface ImportProgram extends Program {
  readonly streams: { readonly input: ReadableStream<Uint8Array> };
}

/** With more problems than this nobody reads them. */
const MAX_PROBLEMS = 100;
/** How many hosts are named that are left out. */
const MAX_NAMES = 5;

/** The user database: readable by all, and ssh itself finds homes there. */
const PASSWD = "/etc/passwd";

/**
 * Prints the hosts of another program as TOML on standard output, for review: those that the registry
 * does not have yet. Writes nothing else. The exit status: 0, or 2 if a file cannot be used.
 */
export async function runImport(command: ImportCommand, program: ImportProgram): Promise<number> {
  const { settings } = await loadHubSettings({ ...program, mode: "import", flags: command.flags });
  const existing = await readExisting(settings.registryPath, {
    isNeeded: settings.registryNamedBy !== null,
    sources: program,
  });
  if ("problems" in existing) return refuse(existing.problems, program);
  const { file, stated } = await readStated(command, { settings, program });
  if (hasError(stated.problems)) return refuse(stated.problems, program);

  const { hosts, problems } = checkHosts(stated.hosts, existing.groups);
  report([...stated.problems, ...problems], program);
  const added = hosts.filter((host) => !existing.has(host));
  const toml = renderHosts(added, heading(added.length, { command, file, existing }));
  const faults = await findAppendFaults(existing, toml, {
    sources: program,
    timeouts: settings.timeouts,
  });
  if (faults.length > 0) return refuse(faults, program);
  if (added.length > 0) program.stdout(toml);
  if (!command.flags.quiet) summarize(hosts, { added, file, existing, program });
  return EXIT.ok;
}

/** What there is to import, and the file that says so. */
interface Stated {
  readonly file: string;
  readonly stated: StatedHosts;
}

async function readStated(
  { source, file: named }: ImportCommand,
  { settings, program }: { readonly settings: HubSettings; readonly program: ImportProgram },
): Promise<Stated> {
  const homes = parseHomes(await program.readTextFile(PASSWD).catch(() => ""));
  const uid = program.uid();
  const home = homes.ofUid(uid);
  const file = named ?? settings.sshConfig ?? (home === null ? null : `${home}/.ssh/config`);
  if (file === null) {
    const message = `user ${uid} has no home in ${PASSWD}: name the file, such as ~/.ssh/config`;
    return { file: "", stated: { hosts: [], problems: [unusable("--import", message)] } };
  }
  const stated = await readSource(source, { file, stdin: program.streams.input, homes, uid });
  return { file: file === "-" ? STDIN : file, stated };
}

/** What the hosts are, and what to do with them, in lines. */
function heading(
  count: number,
  { command: { source }, file, existing }: {
    readonly command: ImportCommand;
    readonly file: string;
    readonly existing: ExistingRegistry;
  },
): readonly string[] {
  const { path, text } = existing;
  const registry = isTomlPath(path) || text !== "" ? `the registry (${path})` : "the registry";
  return [
    `${count} ${count === 1 ? "host" : "hosts"} from ${file}, for review.`,
    `Remove those that are not in your fleet, append the rest to ${registry},`,
    "then run lmcp-hub --check and lmcp-hub --probe.",
    ...isLegacy(existing)
      ? ["That file is in the format of the Lua hub: see lmcp-hub --check --format toml first."]
      : [],
    ...source === "ssh-config"
      ? [
        "The hub's ssh must find these names in its own configuration: in ~/.ssh/config of the hub's",
        "user, or in the file that LMCP_HUB_SSH_CONFIG names.",
      ]
      : [],
  ];
}

/** Says on standard error what is not in the TOML text. */
function summarize(
  hosts: readonly StatedHost[],
  { added, file, existing, program }: {
    readonly added: readonly StatedHost[];
    readonly file: string;
    readonly existing: ExistingRegistry;
    readonly program: ImportProgram;
  },
): void {
  if (hosts.length === 0) complain(program, `there are no hosts in ${file}`);
  const known = [...new Set(hosts).difference(new Set(added))].map(({ name }) => name);
  if (known.length === 0) return;
  const names = [...known.slice(0, MAX_NAMES), ...known.length > MAX_NAMES ? ["…"] : []].join(", ");
  const what = known.length === 1 ? "1 host is" : `${known.length} hosts are`;
  complain(program, `${what} left out, since ${existing.path} has them: ${names}`);
}

function refuse(problems: readonly Problem[], program: Program): number {
  report(problems, program);
  return EXIT.unusable;
}

function report(problems: readonly Problem[], program: Program): void {
  const errors = problems.filter(({ severity }) => severity === "error");
  const others = problems.filter(({ severity }) => severity !== "error");
  const all = [...errors, ...others];
  reportProblems(all.slice(0, MAX_PROBLEMS), program);
  const more = all.length - MAX_PROBLEMS;
  if (more > 0) complain(program, `and ${more} more of this kind`);
}
