import { isHostName } from "../../fleet/host.ts";
import { parseSshUrl } from "../../fleet/lmcp/ssh_url.ts";

/** Why a text cannot be the name of a host, client, group or command, in words that follow it; null: it can. */
export function findNameFault(
  name: string,
  owner: "host" | "client" | "group" | "command",
): string | null {
  if (isHostName(name)) return null;
  return `a ${owner} name holds letters, digits, ".", "_" and "-", ` +
    'and starts with none of "." and "-"';
}

/**
 * Why a text cannot be handed to ssh as its destination, in words that follow the field's name;
 * null: it can. The characters are those that OpenSSH 9.6 and later refuse, since a `ProxyCommand`
 * hands `%h` and `%r` to a shell (CVE-2023-51385; `valid_hostname()`, `valid_ruser()` in ssh.c).
 */
export function findSshHostFault(destination: string): string | null {
  const address = destination.replace(/^ssh:\/\//, "");
  const at = address.lastIndexOf("@");
  const user = at < 0 ? null : address.slice(0, at);
  const host = address.slice(at + 1).replace(/^\[/, "");
  if (host === "" || user === "") return "must name a host, as in HOST or USER@HOST";
  if ([destination, host, user].some((part) => part?.startsWith("-"))) {
    return 'must not hold a host or a user that starts with "-": ssh would read it as an option';
  }
  if (/[\s\p{Cc}]/u.test(destination)) return "must not hold white space or control characters";
  if (/['`"$\\;&<>|(){}]/.test(host) || /['`";&<>|(){}]|\\$/.test(user ?? "")) {
    return "must not hold characters that mean something to a shell";
  }
  return null;
}

/**
 * Why a text cannot be a backend's URL, in words that follow the field's name; null: it can.
 * The text is checked before `URL` parses it, which would silently drop white space.
 */
export function findLmcpUrlFault(text: string): string | null {
  if (/[\s\p{Cc}]/u.test(text)) return "must not hold white space or control characters";
  if (isSshUrl(text)) return findSshUrlFault(text);
  if (!/^https?:\/\/[^/?#\\]/i.test(text) || !URL.canParse(text)) {
    return 'must be a URL such as "http://host.example.org:8080/mcp"';
  }
  if (/^[^/]*\/\/[^/?#\\]*@/.test(text)) {
    return "must not hold user information: name the token in a field of its own";
  }
  return findFragment(text);
}

/** Whether a backend's URL leads through ssh, if it is one at all. */
export function isSshUrl(text: string): boolean {
  return /^ssh:/i.test(text);
}

function findSshUrlFault(text: string): string | null {
  const url = parseSshUrl(text);
  if (url === null || url.port === 0) {
    return 'must be a URL such as "ssh://host.example.org:8080/mcp"';
  }
  const { destination } = url;
  if (/:.*@/.test(destination)) return "must not hold a password: ssh logs in with a key";
  return findSshHostFault(destination) ?? findFragment(text);
}

function findFragment(text: string): string | null {
  return text.includes("#") ? 'must not hold a fragment ("#")' : null;
}
