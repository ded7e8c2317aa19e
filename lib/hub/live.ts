import type { Logger } from "../base/log.ts";
import { formatProblem, hasError, type Problem, settingError } from "../base/problem.ts";
import type { ConfigFiles } from "../config/files.ts";
import {
  asksForToken,
  type Configuration,
  type LoadContext,
  type LoadedConfiguration,
} from "../config/load.ts";
import { reuseHosts } from "../config/registry/reuse.ts";
import { fileExists } from "../config/sources.ts";
import type { Host, Registry } from "../fleet/host.ts";
import type { AnnouncedHost } from "../fleet/nats/presence.ts";
import type { Tool } from "../mcp/tool.ts";
import { acceptStillNamed, findGone, findNarrowed } from "./accepted.ts";
import { alsoConfirm } from "./approvals/also_confirm.ts";
import { createHubState, type HubState } from "./state.ts";

/** A hub's state that follows the files of its configuration. */
export interface LiveState {
  /** The state at this moment. Read it for each use: a reload replaces it. */
  readonly current: () => HubState;
  /** Which files have changed since they were last read, as a `ConfigFiles` has it; null: none. */
  readonly findChange: ConfigFiles["findChange"];
  /** Reads everything again, and replaces the state unless there is an error. */
  readonly reload: () => Promise<void>;
}

/** Options of `createLiveState()`. */
export interface LiveOptions {
  /** Reads the configuration again. */
  readonly load: (context: LoadContext) => Promise<LoadedConfiguration>;
  /** The hosts that have announced themselves over NATS; default: none. */
  readonly announced?: () => readonly AnnouncedHost[];
  readonly log: Logger;
  /** All tools of the hub. */
  readonly tools: readonly Tool[];
  /** Called with the principals that are no longer accepted. */
  readonly onGone?: (principals: readonly string[]) => void;
  /** Called with the clients that may do less than before. */
  readonly onNarrowed?: (principals: readonly string[]) => void;
  /** Called when the state has been replaced, with the registry that was in use. */
  readonly onReload?: (former: Registry) => void;
}

/** Makes a `LiveState`. It logs each reload, and all that is wrong with the files. */
export function createLiveState(initial: Configuration, options: LiveOptions): LiveState {
  const live = new ReloadedState(initial, options);
  return {
    current: () => live.current,
    findChange: () => live.findChange(),
    reload: () => live.reload(),
  };
}

class ReloadedState {
  readonly #options: LiveOptions;
  #state: HubState;
  #files: ConfigFiles;
  #last: Promise<void> = Promise.resolve();

  constructor(initial: Configuration, options: LiveOptions) {
    this.#options = options;
    this.#state = createHubState(initial, { tools: options.tools });
    this.#files = initial.files;
  }

  get current(): HubState {
    return this.#state;
  }

  async findChange(): Promise<string | null> {
    return await this.#files.findChange();
  }

  /** One after the other: what was read first must not replace what was read later. */
  reload(): Promise<void> {
    const turn = this.#last.then(() => this.#reloadNow());
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #reloadNow(): Promise<void> {
    const { load, announced = () => [], log, tools } = this.#options;
    const older = this.#state.configuration;
    const loaded = await load({ former: older.registry, announced: announced() });
    const { configuration: newer, problems: found } = loaded;
    const problems = [...found, ...await findLosses(older, newer)];
    if (!hasError(problems)) problems.push(...findLostHosts(older, newer));
    this.#warnOfTls(older, newer);
    this.#files = newer.files;
    const texts = problems.map(formatProblem);
    if (hasError(problems)) {
      const accepted = acceptStillNamed(older, loaded);
      this.#replace(createHubState(alsoConfirm(older, newer), { tools, problems, accepted }));
      log.error("configuration not reloaded, the older one stays", { problems: texts });
      return;
    }
    const registry = reuseHosts(older.registry, newer.registry);
    this.#replace(createHubState({ ...newer, registry }, { tools }));
    const counts = { hosts: registry.hosts.size, clients: registry.clients.size };
    const facts = { registry: registry.path, ...counts };
    if (texts.length === 0) log.info("configuration reloaded", facts);
    else log.warn("configuration reloaded, with warnings", { ...facts, problems: texts });
  }

  #warnOfTls(older: Configuration, newer: Configuration): void {
    for (const path of tlsPaths(older)) {
      if (this.#files.stampOf(path) === newer.files.stampOf(path)) continue;
      this.#options.log.warn("TLS files are read at the start alone: restart the hub", { path });
    }
  }

  #replace(newer: HubState): void {
    const { log, onGone, onNarrowed, onReload } = this.#options;
    const older = this.#state;
    const { registry } = older.configuration;
    const gone = findGone(older.accepted, newer.accepted);
    const hosts = { before: registry.hosts, now: newer.configuration.registry.hosts };
    const narrowed = findNarrowed(older.accepted, newer.accepted, hosts);
    this.#state = newer;
    onReload?.(registry);
    if (narrowed.length > 0) onNarrowed?.(narrowed);
    if (gone.length === 0) return;
    log.warn("tokens are no longer accepted, and the calls made with them end", { of: gone });
    onGone?.(gone);
  }
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

/** A file whose writer has only begun is empty, or holds no host yet. */
function findLostHosts({ registry: older }: Configuration, { registry: newer }: Configuration) {
  const isNamed = ({ isDiscovered }: Host) => !isDiscovered;
  if (![...older.hosts.values()].some(isNamed) || [...newer.hosts.values()].some(isNamed)) {
    return [];
  }
  return [settingError(newer.path, "names no hosts any more: restart the hub if you mean it")];
}

function tlsPaths({ settings: { tls } }: Configuration): string[] {
  return tls === null ? [] : [tls.certPath, tls.keyPath];
}
