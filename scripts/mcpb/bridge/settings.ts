import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

/** Where the hub is, and how the bridge may speak to it. */
export interface Settings {
  readonly url: URL;
  /** null: the hub needs none. */
  readonly token: string | null;
  /** Certificates that are trusted, as PEM; null: those that Node.js trusts. */
  readonly ca: readonly string[] | null;
}

/** Settings that cannot be used; the message is for the user. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/**
 * Reads the settings that the client passes as environment variables, since arguments are visible to
 * everybody on the machine. Throws a `SettingsError`, which does not repeat the token.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = (name: string) => valueOf(env[name]);
  const token = given("LMCP_BRIDGE_TOKEN");
  if (token !== null && !/^[\x21-\x7e]+$/.test(token)) {
    throw new SettingsError("the token contains blanks, or characters that no token has");
  }
  return { url: parseUrl(given("LMCP_BRIDGE_URL")), token, ca: readCa(given("LMCP_BRIDGE_CA")) };
}

/** Clients leave the placeholder of a setting that is not set, or pass an empty text. */
function valueOf(text = ""): string | null {
  const value = text.trim();
  return value === "" || /^\$\{user_config\.\w+\}$/.test(value) ? null : value;
}

function parseUrl(text: string | null): URL {
  if (text === null) throw new SettingsError("the URL of the hub is not set");
  const url = tryParse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new SettingsError(
      `the URL of the hub must start with https:// or http://, unlike ${JSON.stringify(text)}`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new SettingsError("the URL of the hub must not contain a password: there is a token");
  }
  if (url.pathname === "/") url.pathname = "/mcp";
  return url;
}

/** `URL.parse` and `URL.canParse` are younger than Node.js 18. */
function tryParse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function readCa(path: string | null): readonly string[] | null {
  if (path === null) return null;
  try {
    return [...rootCertificates, readFileSync(path, "utf8")];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SettingsError(`the file of certificates cannot be read: ${reason}`);
  }
}
