import { isTable } from "../registry/formats/lines.ts";
import { type JsonTable, parseJsonTable, tableOf, textOf, textsOf } from "./parse_json.ts";
import { type StatedHost, type StatedHosts, unusable } from "./source.ts";

/** Systems on which nobody can sign in over ssh. */
const WITHOUT_SSH = ["iOS", "tvOS", "android"];

/** Exit nodes that Mullvad runs: hundreds in each network that uses them. */
const MULLVAD = /\.mullvad\.ts\.net$/;

/**
 * Reads the hosts that `tailscale status --json` prints, by name, but for this machine: tags of ACLs
 * become tags, and whether a host is online is noted. Machines that are not for signing in are left
 * out. Tailscale's own order is that of keys, which change.
 */
export function readTailscale(text: string, source: string): StatedHosts {
  const parsed = parseJsonTable(text, source);
  if ("problem" in parsed) return { hosts: [], problems: [parsed.problem] };
  const status = parsed.table;
  if (!isTable(status.Self) && !isTable(status.Peer)) {
    const message =
      'is not what tailscale status --json prints: there is neither "Self" nor "Peer"';
    return { hosts: [], problems: [unusable(source, message)] };
  }
  const network = {
    hasDns: tableOf(status, "CurrentTailnet").MagicDNSEnabled !== false,
    suffix: textOf(status, "MagicDNSSuffix"),
  };
  const hosts = Object.values(tableOf(status, "Peer")).filter(isTable)
    .map((peer) => ({ peer, dnsName: dnsNameOf(peer) }))
    .filter(({ peer, dnsName }) => isForSsh(peer) && !MULLVAD.test(dnsName))
    .toSorted((a, b) => a.dnsName < b.dnsName ? -1 : a.dnsName > b.dnsName ? 1 : 0)
    .map(({ peer, dnsName }) => {
      const [address = ""] = textsOf(peer, "TailscaleIPs");
      const name = dnsName === "" ? textOf(peer, "HostName") ?? address : shorten(dnsName, network);
      const sshHost = dnsName !== "" && network.hasDns ? dnsName : address;
      return { name, sshHost, tags: tagsOf(peer), notes: [describe(peer)], source, line: null };
    });
  return { hosts, problems: [] };
}

/** A machine's own name; one of another network may have the same, and keeps the network's. */
function shorten(dnsName: string, { suffix }: { readonly suffix: string | null }): string {
  const end = suffix === null ? "" : `.${suffix.toLowerCase()}`;
  return end !== "" && dnsName.endsWith(end) ? dnsName.slice(0, -end.length) : dnsName;
}

/** Without the final dot. */
function dnsNameOf(peer: JsonTable): string {
  return (textOf(peer, "DNSName") ?? "").replace(/\.$/, "").toLowerCase();
}

function isForSsh(peer: JsonTable): boolean {
  // A sharee sees machines of this network, and shows none.
  return peer.ShareeNode !== true && !WITHOUT_SSH.includes(textOf(peer, "OS") ?? "");
}

function tagsOf(peer: JsonTable): StatedHost["tags"] {
  return textsOf(peer, "Tags").map((tag) => tag.replace(/^tag:/, ""));
}

/** `linux, online`, or `linux, offline since 2026-01-31`. */
function describe(peer: JsonTable): string {
  const seen = /^(?!0001)\d{4}-\d\d-\d\d/.exec(textOf(peer, "LastSeen") ?? "")?.[0];
  const parts = [
    textOf(peer, "OS"),
    peer.Online === true ? "online" : seen === undefined ? "offline" : `offline since ${seen}`,
    peer.Expired === true ? "its key has expired" : null,
  ];
  return parts.filter((part) => part !== null).join(", ");
}
