import { hasError, type Problem } from "../../base/problem.ts";
import type { HostTimeouts } from "../../fleet/host.ts";
import { isTable } from "../registry/formats/lines.ts";
import { isTomlPath, parseRegistry, parseRegistryContent } from "../registry/load.ts";
import { type ConfigSources, readFailure } from "../sources.ts";
import { type StatedHost, unusable } from "./source.ts";

/** The registry to which imported hosts are to be appended. */
export interface ExistingRegistry {
  readonly path: string;
  /** Empty: there is none. */
  readonly text: string;
  /** Names of its groups. */
  readonly groups: ReadonlySet<string>;
  /** Whether a host is there, under this name or with this destination. */
  readonly has: (host: StatedHost) => boolean;
}

/** Reads a registry as far as is needed to find what is new; or why it cannot be read. */
export async function readExisting(
  path: string,
  { isNeeded, sources }: {
    /** Whether it is an error that there is none. */
    readonly isNeeded: boolean;
    readonly sources: ConfigSources;
  },
): Promise<ExistingRegistry | { readonly problems: readonly Problem[] }> {
  let text = "";
  try {
    text = await sources.readTextFile(path);
  } catch (error) {
    if (isNeeded || !(error instanceof Deno.errors.NotFound)) {
      const advice = isNeeded ? "" : "; name another one with --registry, or /dev/null";
      const message = `cannot read the registry: ${readFailure(error)}${advice}`;
      return { problems: [unusable(path, message)] };
    }
  }
  const content = parseRegistryContent(text, path);
  if (!content.isParsed && hasError(content.problems)) return { problems: content.problems };
  const names = new Set(content.hosts.map(({ name }) => name));
  const machines = new Set(content.hosts.flatMap(({ fields }) => {
    const sshHost = isTable(fields) ? fields.ssh_host : null;
    return typeof sshHost === "string" ? [machineOf(sshHost)] : [];
  }));
  return {
    path,
    text,
    groups: new Set(content.groups.map(({ name }) => name)),
    has: ({ name, sshHost }) => names.has(name) || machines.has(machineOf(sshHost)),
  };
}

/** A destination without user; the same machine may be known under several. */
function machineOf(sshHost: string): string {
  const address = sshHost.replace(/^ssh:\/\//, "");
  return address.slice(address.lastIndexOf("@") + 1).replace(/\.$/, "");
}

/** Whether a registry has to be converted before TOML can be appended to it. */
export function isLegacy({ path, text }: ExistingRegistry): boolean {
  return text.trim() !== "" && !isTomlPath(path);
}

/** The errors that a registry would have if a TOML text were appended to it, beyond its own. */
export async function findAppendFaults(
  registry: ExistingRegistry,
  toml: string,
  { sources, timeouts }: { readonly sources: ConfigSources; readonly timeouts: HostTimeouts },
): Promise<readonly Problem[]> {
  const path = isTomlPath(registry.path) ? registry.path : "hosts.toml";
  const text = isTomlPath(registry.path) ? registry.text : "";
  const check = async (text: string) => {
    const { problems } = await parseRegistry(text, { ...sources, defaults: timeouts, path });
    return problems.filter(({ severity }) => severity === "error");
  };
  const own = new Set((await check(text)).map(toKey));
  const after = await check(`${text}\n${toml}`);
  return after.filter((problem) => !own.has(toKey(problem))).map((problem) => ({
    ...problem,
    line: null,
    message: `with what is new in it: ${problem.message}`,
  }));
}

function toKey({ field, message }: Problem): string {
  return JSON.stringify([field, message]);
}
