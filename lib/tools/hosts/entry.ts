import { z } from "zod";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { HostState } from "../../fleet/health.ts";
import type { Host } from "../../fleet/host.ts";
import { type Via, VIAS } from "../../fleet/transport.ts";

/** Characters of what is wrong with a host: two transports say at most 200 each, behind our own words. */
const MAX_ERROR = 500;

/** One host in the answer of `remote_list_hosts` and of `--probe --format json`. */
export const hostEntrySchema = z.object({
  name: z.string(),
  up: z.boolean(),
  via: z.enum(VIAS).nullable().describe("The transport that works: lmcp, nats or ssh"),
  paths: z.array(z.enum(VIAS)).describe("The transports that are configured: lmcp, nats, ssh"),
  error: z.string().nullable(),
  checked_at: z.iso.datetime(),
  next_probe_at: z.iso.datetime().describe("Until then this state is used"),
  tool_count: z.int().nullable().describe(
    "Number of the backend's tools; null if it was not asked",
  ),
  latency_ms: z.number().nullable(),
  tags: z.array(z.string()),
});

/** A host and what is known of it, for programs. */
export type HostEntry = z.output<typeof hostEntrySchema>;

/** Makes the entry of a host. */
export function hostEntry(host: Host, state: HostState): HostEntry {
  return {
    name: host.name,
    up: state.up,
    via: state.via,
    paths: pathsOf(host),
    error: state.detail === null ? null : foreignText(state.detail, MAX_ERROR),
    checked_at: new Date(state.checkedAt).toISOString(),
    next_probe_at: new Date(state.nextProbeAt).toISOString(),
    tool_count: state.toolCount,
    latency_ms: state.latencyMs,
    tags: [...host.tags],
  };
}

/**
 * The host's line of text, byte for byte as the Lua hub's `%-14s %-6s via=%-4s paths=%s %s`, but for
 * its tags.
 */
export function hostLine(host: Host, state: HostState): string {
  const error = state.error === null ? [] : [`[${foreignText(state.error, MAX_ERROR)}]`];
  const tags = host.tags.length === 0 ? [] : [`tags=${host.tags.join(",")}`];
  const columns = [
    host.name.padEnd(14),
    (state.up ? "UP" : "DOWN").padEnd(6),
    `via=${(state.via ?? "-").padEnd(4)}`,
    `paths=${pathsOf(host).join(",")}`,
    [...error, ...tags].join(" "),
  ];
  return columns.join(" ");
}

/** The hosts in the order in which they are listed: by name, in byte order. */
export function byName(hosts: Iterable<Host>): Host[] {
  return [...hosts].sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** The transports that a host has, in the order in which they are tried. */
export function pathsOf(host: Host): Via[] {
  const paths: Via[] = [];
  if (host.lmcpUrl !== null) paths.push("lmcp");
  if (host.natsName !== null) paths.push("nats");
  if (host.sshHost !== null) paths.push("ssh");
  return paths;
}
