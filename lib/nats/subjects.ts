/** Above all subjects of the program. */
const ROOT = "lmcp";

/** Subscribers of one name that share a host's requests: each goes to one of them. */
export const AGENT_QUEUE = "agents";

/** On which a hub asks all agents to announce themselves. */
export const WHO_SUBJECT = `${ROOT}.who`;

/** What agents announce, whatever their names. */
export const ALL_PRESENCE = `${ROOT}.presence.*`;

/** The subject of requests to a host, which one of its agents serves. */
export function hostSubject(name: string): string {
  return `${ROOT}.host.${toToken(name)}`;
}

/** The subject of notifications to all agents of a host. */
export function hostNoticeSubject(name: string): string {
  return `${hostSubject(name)}.all`;
}

/** The subject of requests to one agent of a host; `id` as `isSubjectId()` accepts it. */
export function agentSubject(name: string, id: string): string {
  return `${hostSubject(name)}.agent.${id}`;
}

/** The subject on which the agents of a host announce themselves. */
export function presenceSubject(name: string): string {
  return `${ROOT}.presence.${toToken(name)}`;
}

/** The host that a presence subject is about; null: it is no such subject. */
export function presentHost(subject: string): string | null {
  const token = subject.startsWith(`${ROOT}.presence.`)
    ? subject.slice(`${ROOT}.presence.`.length)
    : "";
  return fromToken(token);
}

/** The subject of what hubs say to each other of a topic: one or more tokens by dots. */
export function hubSubject(topic: string): string {
  return `${ROOT}.hub.${topic}`;
}

/** Where a hub gets its answers; `id` as `isSubjectId()` accepts it. */
export function inboxPrefix(id: string): string {
  return `${ROOT}.inbox.${id}`;
}

/** Whether a text can name one agent process, one hub, or one of their exchanges, in a subject. */
export function isSubjectId(text: string): boolean {
  return /^[A-Za-z0-9-]{1,64}$/.test(text);
}

/**
 * A name as one token of a subject, in which dots, wildcards and white space would have a meaning.
 * Bytes beyond letters, digits, `-` and `_` become `=` and two hexadecimal digits.
 */
export function toToken(name: string): string {
  return Array.from(
    new TextEncoder().encode(name),
    (byte) => isPlain(byte) ? String.fromCharCode(byte) : `=${toHex(byte)}`,
  ).join("");
}

/** The name that a token is made of; null: none is. */
export function fromToken(token: string): string | null {
  if (!/^([A-Za-z0-9_-]|=[0-9a-f]{2})+$/.test(token)) return null;
  try {
    const name = decodeURIComponent(token.replaceAll("=", "%"));
    return toToken(name) === token ? name : null;
  } catch {
    return null;
  }
}

function isPlain(byte: number): boolean {
  return /[A-Za-z0-9_-]/.test(String.fromCharCode(byte)) && byte < 0x80;
}

function toHex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
