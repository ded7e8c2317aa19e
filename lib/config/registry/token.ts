import { dirname, resolve } from "node:path";
import type { ConfigSources } from "../sources.ts";
import { findTokenWeakness, parseToken, readTokenFile, type TokenResult } from "../token.ts";
import type { Locate, Problem } from "../../base/problem.ts";
import type { Secret } from "../../base/secret.ts";
import type { TokenFields } from "./schema.ts";

/** The token of a host or client, null where it has none; or what is wrong with which field. */
export type OwnToken =
  | { readonly token: null }
  | { readonly token: Secret; readonly field: string }
  | { readonly field: string; readonly complaint: string };

const TOKEN_FIELDS = ["token", "token_file", "token_env"] as const;

/** What a token is read with. */
export interface TokenContext {
  /** The registry's path. */
  readonly path: string;
  readonly sources: ConfigSources;
}

/** Reads the token of a host or client from the one field that states it. */
export async function readOwnToken(
  fields: TokenFields,
  context: TokenContext,
): Promise<OwnToken> {
  const [field, second] = TOKEN_FIELDS.filter((name) => fields[name] !== undefined);
  if (field === undefined) return { token: null };
  if (second !== undefined) {
    return {
      field: second,
      complaint: `cannot be combined with "${field}": keep one of them`,
    };
  }
  const result = await readField(fields, context);
  return { field, ...result };
}

/** A warning about a token that works, at the position of its field. */
export function tokenWarnings(
  own: OwnToken,
  { source, locate }: { readonly source: string; readonly locate: Locate },
): Problem[] {
  if ("complaint" in own || own.token === null) return [];
  const message = findTokenWeakness(own.token);
  return message === null ? [] : [{ severity: "warning", source, ...locate([own.field]), message }];
}

async function readField(
  { token, token_file: file, token_env: variable }: TokenFields,
  { path, sources }: TokenContext,
): Promise<TokenResult> {
  if (token !== undefined) return parseToken(token);
  if (file !== undefined) return await readTokenFile(resolve(dirname(path), file), sources);
  const value = variable && sources.env(variable);
  return value === undefined
    ? { complaint: `the variable "${variable}" is not set` }
    : parseToken(value);
}
