import { type ConfigSources, formatMode, isOpenToOthers, readFailure } from "./sources.ts";
import { type Problem, settingError } from "../base/problem.ts";

/** The PEM files of a TLS server. */
export interface TlsPaths {
  readonly certPath: string;
  readonly keyPath: string;
}

/** Checks LMCP_TLS_CERT and LMCP_TLS_KEY: both or none, both readable, the key closed to others. */
export async function loadTls(
  { cert, key }: { readonly cert: string | undefined; readonly key: string | undefined },
  sources: ConfigSources,
): Promise<{ readonly tls: TlsPaths | null; readonly problems: readonly Problem[] }> {
  if (cert === undefined && key === undefined) return { tls: null, problems: [] };
  if (cert === undefined || key === undefined) {
    const [set, unset] = cert === undefined
      ? ["LMCP_TLS_KEY", "LMCP_TLS_CERT"]
      : ["LMCP_TLS_CERT", "LMCP_TLS_KEY"];
    return { tls: null, problems: [settingError(set, `is set without ${unset}: TLS needs both`)] };
  }
  const complaints = [
    { source: "LMCP_TLS_CERT", complaint: await checkFile(cert, { isSecret: false, sources }) },
    { source: "LMCP_TLS_KEY", complaint: await checkFile(key, { isSecret: true, sources }) },
  ];
  return {
    tls: { certPath: cert, keyPath: key },
    problems: complaints.flatMap(({ source, complaint }) =>
      complaint === null ? [] : [settingError(source, complaint)]
    ),
  };
}

async function checkFile(
  path: string,
  { isSecret, sources }: { readonly isSecret: boolean; readonly sources: ConfigSources },
): Promise<string | null> {
  try {
    const mode = await sources.fileMode(path);
    await sources.readTextFile(path);
    if (!isSecret || !isOpenToOthers(mode)) return null;
    return `"${path}" is open to other users (mode ${formatMode(mode)}): chmod it to 0600`;
  } catch (cause) {
    return `cannot read "${path}": ${readFailure(cause)}`;
  }
}
