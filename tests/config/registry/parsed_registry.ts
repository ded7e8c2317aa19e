import { parseRegistry, type RegistryInputs } from "../../../lib/config/registry/load.ts";
import type { Host } from "../../../lib/fleet/host.ts";
import { ALL_TOOLS } from "../../../lib/fleet/rules.ts";
import { formatProblem } from "../../../lib/base/problem.ts";
import { type FakeFile, fakeSources } from "../fake_sources.ts";

/** The built-in times. */
export const defaults = { connectMs: 3000, lmcpMs: 6000, sshMs: 10_000, sshHardMs: 30_000 };

/** What a registry is read with. */
export interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, FakeFile>>;
  readonly pinned?: NonNullable<RegistryInputs["pinned"]>;
}

/** A registry from its text, with the problems as they are printed. */
export async function parseAt(path: string, text: string, { pinned, ...world }: World = {}) {
  const inputs = { path, defaults, ...fakeSources(world), ...(pinned ? { pinned } : {}) };
  const { registry, problems } = await parseRegistry(text, inputs);
  return {
    path: registry.path,
    hosts: [...registry.hosts.values()].map(show),
    problems: problems.map(formatProblem),
  };
}

/** A host with its token revealed, so that a comparison sees it. */
export function show({ token, ...host }: Host) {
  return { ...host, token: token?.reveal() ?? null };
}

/** The same of TOML. */
export const parseToml = (text: string, world?: World) => parseAt("hosts.toml", text, world);

/** The same of the legacy format. */
export const parseLegacy = (text: string, world?: World) => parseAt("backends.conf", text, world);

/** A host with nothing set. */
export const bare = {
  sshHost: null,
  lmcpUrl: null,
  natsName: null,
  token: null,
  tokenVariable: null,
  tags: [],
  timeouts: defaults,
  rules: ALL_TOOLS,
  callTools: new Set(),
  wake: null,
};
