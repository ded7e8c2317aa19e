import type { ConfigSources } from "./sources.ts";

/** The files that a configuration was read from, including those that it looked for in vain. */
export interface ConfigFiles {
  /** The sources to read the configuration from: they note each file that is touched. */
  readonly sources: ConfigSources;
  /** Whether a file has changed since it was first touched. */
  readonly haveChanged: () => Promise<boolean>;
  /** The stamp of a file when it was first touched; undefined: it was not. */
  readonly stampOf: (path: string) => string | undefined;
}

/** Notes what is read, so that what to watch need not be named a second time. */
export function noteFiles(sources: ConfigSources): ConfigFiles {
  const stamps = new Map<string, string>();

  /** The stamp is taken before the file is read: a change in between is seen, at worst twice. */
  async function note(path: string): Promise<void> {
    if (stamps.has(path)) return;
    const stamp = await sources.fileStamp(path);
    if (!stamps.has(path)) stamps.set(path, stamp);
  }

  return {
    sources: {
      ...sources,
      readTextFile: async (path) => {
        await note(path);
        return await sources.readTextFile(path);
      },
      fileMode: async (path) => {
        await note(path);
        return await sources.fileMode(path);
      },
    },
    haveChanged: async () => {
      for (const [path, stamp] of stamps) {
        if (await sources.fileStamp(path) !== stamp) return true;
      }
      return false;
    },
    stampOf: (path) => stamps.get(path),
  };
}
