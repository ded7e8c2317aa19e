import { fileExists } from "../config/sources.ts";
import { reuseHosts } from "../config/registry/reuse.ts";
import type { Logger } from "../base/log.ts";
import { formatProblem, hasError, type Problem, settingError } from "../base/problem.ts";
import { asksForToken, type Configuration, type LoadedConfiguration } from "../config/load.ts";

/** What a running hub goes by. */
export interface Standing {
  readonly configuration: Configuration;
  /** Why the files as they are now were not taken up; empty: they were. */
  readonly problems: readonly Problem[];
}

/** A configuration that follows its files. */
export interface LiveConfiguration {
  readonly standing: () => Standing;
  /** Whether a file has changed since it was last read. */
  readonly haveFilesChanged: () => Promise<boolean>;
  /** Reads everything again, and takes it up if it has no error; else all stays as it is. */
  readonly reload: () => Promise<void>;
}

/** What `createLiveConfiguration()` needs. */
export interface LiveOptions {
  readonly load: () => Promise<LoadedConfiguration>;
  readonly log: Logger;
}

/** Makes a configuration live. The log tells of each reload and of all that is wrong with it. */
export function createLiveConfiguration(
  initial: Configuration,
  { load, log }: LiveOptions,
): LiveConfiguration {
  let standing: Standing = { configuration: initial, problems: [] };
  let { files } = initial;

  async function reload(): Promise<void> {
    const { configuration: newer, problems: found } = await load();
    const older = standing.configuration;
    const problems = [...found, ...await findLosses(older, newer)];
    for (const path of tlsPaths(older)) {
      if (files.stampOf(path) !== newer.files.stampOf(path)) {
        log.warn("TLS files are read at the start alone: restart the hub", { path });
      }
    }
    files = newer.files;
    const told = problems.map(formatProblem);
    if (hasError(problems)) {
      standing = { configuration: older, problems };
      log.error("configuration not reloaded, the older one stays", { problems: told });
      return;
    }
    const registry = reuseHosts(older.registry, newer.registry);
    standing = { configuration: { ...newer, registry }, problems: [] };
    const counts = { hosts: registry.hosts.size, clients: registry.clients.size };
    const facts = { registry: registry.path, ...counts };
    if (told.length === 0) log.info("configuration reloaded", facts);
    else log.warn("configuration reloaded, with warnings", { ...facts, problems: told });
  }

  return {
    standing: () => standing,
    haveFilesChanged: () => files.haveChanged(),
    reload,
  };
}

/** What a hub may lack at its start, but must not lose by a slip while it runs. */
async function findLosses(older: Configuration, newer: Configuration): Promise<Problem[]> {
  const problems: Problem[] = [];
  const { path } = older.registry;
  if (!older.isRegistryMissing && !await fileExists(path, newer.files.sources)) {
    problems.push(settingError(path, "there is no such file any more"));
  }
  if (asksForToken(older) && !asksForToken(newer)) {
    const message =
      "there is none any more, so everybody could call: restart the hub if you mean it";
    problems.push(settingError("inbound token", message));
  }
  return problems;
}

function tlsPaths({ settings: { tls } }: Configuration): string[] {
  return tls === null ? [] : [tls.certPath, tls.keyPath];
}
