import type { ConfigSources } from "../../lib/config/sources.ts";

/**
 * A file: its text, with mode 0600; or its text and mode; or the error that looking at it throws. A
 * text may be the error that reading it throws.
 */
export type FakeFile =
  | string
  | { readonly text: string | Error; readonly mode: number | null }
  | Error;

/** An environment and files that exist in a test alone. */
export function fakeSources(
  { env = {}, files = {}, canResolve = true }: {
    readonly env?: Readonly<Record<string, string>>;
    readonly files?: Readonly<Record<string, FakeFile>>;
    readonly canResolve?: boolean;
  } = {},
): ConfigSources {
  const open = (path: string) => {
    const file = files[path] ?? new Deno.errors.NotFound(`No such file: ${path}`);
    if (file instanceof Error) throw file;
    return typeof file === "string" ? { text: file, mode: 0o100600 } : file;
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
    canResolve: () => Promise.resolve(canResolve),
    fileStamp: (path) => Promise.resolve(Deno.inspect(files[path])),
  };
}
