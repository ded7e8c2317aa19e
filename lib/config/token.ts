import {
  type ConfigSources,
  fileExists,
  findTampering,
  formatMode,
  isOpenToOthers,
  readFailure,
} from "./sources.ts";
import { type Problem, settingError, settingWarning } from "../base/problem.ts";
import { Secret } from "../base/secret.ts";

/** A token, or why there is none (without a final period; never holds the token). */
export type TokenResult = { readonly token: Secret } | { readonly complaint: string };

/**
 * A text as bearer token: visible ASCII characters, at least one. That is more than RFC 6750
 * (section 2.1) allows, and all that a header can carry unquoted.
 */
export function parseToken(text: string): TokenResult {
  if (text === "") return { complaint: "the token is empty" };
  if (/[\s\p{Cc}]/u.test(text)) {
    return { complaint: "the token holds white space or a control character" };
  }
  if (!/^[!-~]+$/.test(text)) return { complaint: "the token holds a character beyond ASCII" };
  return { token: new Secret(text) };
}

/** Every text that is logged or answered is searched for tokens. */
const MIN_TOKEN_LENGTH = 4;

/** What is wrong with a token that can be used all the same; null: nothing. */
export function findTokenWeakness(token: Secret): string | null {
  if (token.reveal().length >= MIN_TOKEN_LENGTH) return null;
  return `the token is shorter than ${MIN_TOKEN_LENGTH} characters, so hiding it garbles words in ` +
    "answers and logs: use a longer one";
}

/** The token that a file holds; line breaks at its end do not count. */
export async function readTokenFile(path: string, sources: ConfigSources): Promise<TokenResult> {
  try {
    const mode = await sources.fileMode(path);
    if (isOpenToOthers(mode)) {
      return {
        complaint: `token file "${path}" is open to other users (mode ${
          formatMode(mode)
        }): chmod it to 0600`,
      };
    }
    const fault = await findTampering(path, sources);
    if (fault !== null) return { complaint: `token file "${path}" ${fault}` };
    const parsed = parseToken((await sources.readTextFile(path)).replace(/[\r\n]+$/, ""));
    return "token" in parsed ? parsed : { complaint: `token file "${path}": ${parsed.complaint}` };
  } catch (error) {
    return { complaint: `cannot read token file "${path}": ${readFailure(error)}` };
  }
}

/** Where the inbound token may be set. */
export interface InboundTokenPlaces {
  /** LMCP_TOKEN_FILE. */
  readonly tokenFile: string | undefined;
  /** The legacy conf that the operator names; it must exist. */
  readonly conf: string | undefined;
  /** The variable that names `conf`. */
  readonly confVariable: string;
  /** Where the legacy conf may be if none is named; null: nowhere. */
  readonly defaultConf: string | null;
}

/** The inbound token, null where none is set, and what is wrong with it. */
export interface InboundToken {
  readonly token: Secret | null;
  readonly problems: readonly Problem[];
}

/**
 * Finds the inbound token: LMCP_TOKEN or LMCP_TOKEN_FILE (not both), else the legacy conf's line
 * `.godparticle = TOKEN`. A conf that is named is read in any case, so that a typo is reported.
 */
export async function loadInboundToken(
  places: InboundTokenPlaces,
  sources: ConfigSources,
): Promise<InboundToken> {
  const conf = await readConf(places, sources);
  const text = sources.env("LMCP_TOKEN");
  if (text !== undefined && places.tokenFile !== undefined) {
    const message = "is set together with LMCP_TOKEN: unset one of them";
    return { token: null, problems: [...conf.problems, settingError("LMCP_TOKEN_FILE", message)] };
  }
  if (text !== undefined) return fromVariable("LMCP_TOKEN", parseToken(text), conf);
  if (places.tokenFile !== undefined) {
    return fromVariable("LMCP_TOKEN_FILE", await readTokenFile(places.tokenFile, sources), conf);
  }
  return warnOfMissingLine(conf, places);
}

/** A conf that is named should set a token; a misspelt line would silently leave the door open. */
function warnOfMissingLine(
  inbound: InboundToken,
  { conf, confVariable }: InboundTokenPlaces,
): InboundToken {
  if (conf === undefined || inbound.token !== null || inbound.problems.length > 0) return inbound;
  const message = `"${conf}" has no line ".godparticle = TOKEN": there is no inbound token`;
  return { token: null, problems: [settingWarning(confVariable, message)] };
}

/** A variable's token beats the conf's; the conf's problems are reported all the same. */
function fromVariable(source: string, result: TokenResult, conf: InboundToken): InboundToken {
  if ("token" in result) {
    const weakness = findTokenWeakness(result.token);
    const own = weakness === null ? [] : [settingWarning(source, weakness)];
    return { token: result.token, problems: [...conf.problems, ...own] };
  }
  return { token: null, problems: [...conf.problems, settingError(source, result.complaint)] };
}

async function readConf(
  { conf, confVariable, defaultConf }: InboundTokenPlaces,
  sources: ConfigSources,
): Promise<InboundToken> {
  const path = conf ?? defaultConf;
  if (path === null || (conf === undefined && !await fileExists(path, sources))) {
    return { token: null, problems: [] };
  }
  try {
    const text = await sources.readTextFile(path);
    const fault = await findTampering(path, sources);
    if (fault !== null) {
      const problem = conf === undefined
        ? settingError(path, fault)
        : settingError(confVariable, `"${path}" ${fault}`);
      return { token: null, problems: [problem] };
    }
    return parseConf(text, path);
  } catch (error) {
    const message = `cannot read "${path}": ${readFailure(error)}`;
    return { token: null, problems: [settingError(conf ? confVariable : path, message)] };
  }
}

/** Parses a legacy conf, of which only the line `.godparticle = TOKEN` concerns this program. */
function parseConf(text: string, path: string): InboundToken {
  const problems: Problem[] = [];
  let token: Secret | null = null;
  for (const [index, content] of text.split("\n").entries()) {
    const value = /^\s*\.godparticle\s*=(.*)$/s.exec(content)?.[1];
    if (value === undefined) continue;
    const place = { source: path, line: index + 1, field: ".godparticle" };
    if (token !== null) {
      const message = "is set again; this later line counts";
      problems.push({ severity: "warning", ...place, message });
    }
    const parsed = parseToken(value.trim());
    if ("complaint" in parsed) {
      problems.push({ severity: "error", ...place, message: parsed.complaint });
      continue;
    }
    token = parsed.token;
    const weakness = findTokenWeakness(token);
    if (weakness !== null) problems.push({ severity: "warning", ...place, message: weakness });
  }
  return { token, problems };
}
