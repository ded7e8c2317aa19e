import type { AgentVariables, HubVariables } from "../environment.ts";
import {
  type ConfigSources,
  findTampering,
  formatMode,
  isOpenToOthers,
  readFailure,
} from "../sources.ts";
import { findKeyFault } from "../../base/text/key_fault.ts";
import { type Problem, settingError } from "../../base/problem.ts";
import { Secret } from "../../base/secret.ts";
import type { NatsSettings } from "../../nats/settings.ts";
import { publicKeyOf, readSeed } from "../../nats/user_key.ts";

/** How NATS is reached, null where it is not, and what is wrong with that. */
export interface LoadedNats {
  readonly nats: NatsSettings | null;
  readonly problems: readonly Problem[];
}

/** Variables that mean nothing without LMCP_NATS_URL. */
const DEPENDENT = [
  "LMCP_NATS_CREDS",
  "LMCP_NATS_NKEY",
  "LMCP_NATS_USER",
  "LMCP_NATS_PASSWORD_FILE",
  "LMCP_NATS_CA",
  "LMCP_NATS_CERT",
  "LMCP_NATS_KEY",
] as const;

type Variables = HubVariables | AgentVariables;

/** Reads the settings for NATS, and the files that they name. */
export async function loadNats(variables: Variables, sources: ConfigSources): Promise<LoadedNats> {
  const { LMCP_NATS_URL: url } = variables;
  const password = sources.env("LMCP_NATS_PASSWORD") || undefined;
  if (url === undefined) {
    // One that cannot be used has been complained of.
    const unused = sources.env("LMCP_NATS_URL") ? [] : DEPENDENT;
    const problems = unused.filter((name) => variables[name] !== undefined)
      .map((name) => settingError(name, "is set without LMCP_NATS_URL"));
    return { nats: null, problems };
  }
  const files = new FileReader(sources);
  const nats = {
    servers: url.servers,
    needsTls: url.needsTls || variables.LMCP_NATS_CA !== undefined ||
      variables.LMCP_NATS_CERT !== undefined,
    user: variables.LMCP_NATS_USER ?? null,
    password: await readPassword(password, variables, files),
    credentials: await files.readSecret("LMCP_NATS_CREDS", variables.LMCP_NATS_CREDS),
    seed: await readSeedFile(variables.LMCP_NATS_NKEY, files),
    ca: await readCertificate("LMCP_NATS_CA", variables.LMCP_NATS_CA, files),
    cert: await readCertificate("LMCP_NATS_CERT", variables.LMCP_NATS_CERT, files),
    key: await readKey(variables.LMCP_NATS_KEY, files),
  };
  return { nats, problems: [...files.problems, ...checkTogether(variables, nats)] };
}

async function readPassword(
  text: string | undefined,
  { LMCP_NATS_PASSWORD_FILE: path }: Variables,
  files: FileReader,
): Promise<Secret | null> {
  if (text !== undefined && path !== undefined) {
    const message = "is set together with LMCP_NATS_PASSWORD: unset one of them";
    files.complain("LMCP_NATS_PASSWORD_FILE", message);
    return null;
  }
  if (text !== undefined) return new Secret(text);
  const read = await files.readSecret("LMCP_NATS_PASSWORD_FILE", path);
  return read === null ? null : new Secret(read.reveal().replace(/[\r\n]+$/, ""));
}

async function readSeedFile(path: string | undefined, files: FileReader): Promise<Secret | null> {
  const read = await files.readSecret("LMCP_NATS_NKEY", path);
  if (read === null) return null;
  const seed = readSeed(read.reveal());
  if (seed === null || publicKeyOf(seed) === null) {
    files.complain("LMCP_NATS_NKEY", `"${path}" does not hold the seed of a user's key (SU…)`);
    return null;
  }
  return new Secret(seed);
}

async function readCertificate(
  variable: string,
  path: string | undefined,
  files: FileReader,
): Promise<string | null> {
  const text = await files.read(variable, path);
  if (text !== null && !text.includes("-----BEGIN CERTIFICATE-----")) {
    files.complain(variable, `"${path}" holds no certificate in PEM form`);
  }
  return text;
}

async function readKey(path: string | undefined, files: FileReader): Promise<Secret | null> {
  const read = await files.readSecret("LMCP_NATS_KEY", path);
  const fault = read === null ? null : findKeyFault(read.reveal());
  if (fault !== null) files.complain("LMCP_NATS_KEY", `"${path}" ${fault}`);
  return read;
}

function checkTogether(variables: Variables, { user, password }: NatsSettings): Problem[] {
  const problems: Problem[] = [];
  const { LMCP_NATS_CERT: cert, LMCP_NATS_KEY: key, LMCP_NATS_CREDS: creds } = variables;
  if (cert !== undefined && key === undefined) {
    problems.push(settingError("LMCP_NATS_CERT", "is set without LMCP_NATS_KEY: TLS needs both"));
  }
  if (key !== undefined && cert === undefined) {
    problems.push(settingError("LMCP_NATS_KEY", "is set without LMCP_NATS_CERT: TLS needs both"));
  }
  const ways = [
    creds !== undefined && "LMCP_NATS_CREDS",
    variables.LMCP_NATS_NKEY !== undefined && "LMCP_NATS_NKEY",
    user !== null && "LMCP_NATS_USER",
  ].filter((name) => name !== false);
  const [first, ...others] = ways;
  for (const name of others) {
    problems.push(settingError(name, `is set together with ${first}: unset one of them`));
  }
  if (password !== null && user === null) {
    problems.push(settingError("LMCP_NATS_USER", "is not set, but its password is"));
  }
  return problems;
}

/** Reads files that variables name, and collects what is wrong with them. */
class FileReader {
  readonly problems: Problem[] = [];
  readonly #sources: ConfigSources;

  constructor(sources: ConfigSources) {
    this.#sources = sources;
  }

  complain(variable: string, message: string): void {
    this.problems.push(settingError(variable, message));
  }

  async read(variable: string, path: string | undefined): Promise<string | null> {
    if (path === undefined) return null;
    try {
      const fault = await findTampering(path, this.#sources);
      if (fault !== null) this.complain(variable, `"${path}" ${fault}`);
      return await this.#sources.readTextFile(path);
    } catch (error) {
      this.complain(variable, `cannot read "${path}": ${readFailure(error)}`);
      return null;
    }
  }

  async readSecret(variable: string, path: string | undefined): Promise<Secret | null> {
    const text = await this.read(variable, path);
    if (path === undefined || text === null) return null;
    const mode = await this.#sources.fileMode(path).catch(() => null);
    if (isOpenToOthers(mode)) {
      const message = `"${path}" is open to other users (mode ${formatMode(mode)}): ` +
        "chmod it to 0600";
      this.complain(variable, message);
    }
    return new Secret(text);
  }
}
