import { dirname, resolve } from "node:path";
import type { ConfigSources } from "../config_sources.ts";
import { parseToken, readTokenFile, type TokenResult } from "../config_token.ts";
import type { Secret } from "../secret.ts";
import type { HostFields } from "./registry_schema.ts";

/** A host's token, null where it has none; or what is wrong with which field. */
export type HostToken =
  | { readonly token: Secret | null }
  | { readonly field: string; readonly complaint: string };

const TOKEN_FIELDS = ["token", "token_file", "token_env"] as const;

/** Reads a host's token from the one field that states it; `path` is the registry's. */
export async function readHostToken(
  fields: HostFields,
  { path, sources }: { readonly path: string; readonly sources: ConfigSources },
): Promise<HostToken> {
  const [field, second] = TOKEN_FIELDS.filter((name) => fields[name] !== undefined);
  if (field === undefined) return { token: null };
  if (second !== undefined) {
    return { field: second, complaint: `must not stand beside "${field}": a host has one token` };
  }
  const result = await readField(fields, { path, sources });
  return "token" in result ? result : { field, complaint: result.complaint };
}

async function readField(
  { token, token_file: file, token_env: variable }: HostFields,
  { path, sources }: { readonly path: string; readonly sources: ConfigSources },
): Promise<TokenResult> {
  if (token !== undefined) return parseToken(token);
  if (file !== undefined) return await readTokenFile(resolve(dirname(path), file), sources);
  const value = variable && sources.env(variable);
  return value === undefined
    ? { complaint: `the variable "${variable}" is not set` }
    : parseToken(value);
}
