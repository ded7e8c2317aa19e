import type { ConfigSources } from "../../lib/config/sources.ts";

/** The user that the program runs as, and that files belong to. */
const UID = 1_000;

/**
 * A file: its text, with mode 0600; or its text, mode and owner; or the error that looking at it
 * throws. A text may be the error that reading it throws.
 */
export type FakeFile =
  | string
  | { readonly text: string | Error; readonly mode: number | null; readonly owner?: number }
  | Error;

/** An environment and files that exist in a test alone. */
export function fakeSources(
  { env = {}, files = {}, canResolve = true, uid = UID }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly files?: Readonly<Record<string, FakeFile>>;
    readonly canResolve?: boolean;
    readonly uid?: number;
  } = {},
): ConfigSources {
  const open = (path: string) => {
    const file = files[path] ?? new Deno.errors.NotFound(`No such file: ${path}`);
    if (file instanceof Error) throw file;
    return { owner: uid, ...typeof file === "string" ? { text: file, mode: 0o100600 } : file };
  };
  return {
    env: (name) => env[name],
    readTextFile: (path) =>
      Promise.resolve().then(() => {
        const { text } = open(path);
        if (text instanceof Error) throw text;
        return text;
      }),
    fileMode: (path) => Promise.resolve().then(() => open(path).mode),
    fileTrust: (path) =>
      Promise.resolve().then(() => {
        const { mode, owner } = open(path);
        return { mode, owner };
      }),
    uid: () => uid,
    canResolve: () => Promise.resolve(canResolve),
    fileStamp: (path) => Promise.resolve(Deno.inspect(files[path])),
  };
}
