import type { ConfigSources } from "./sources.ts";

/** The files that a configuration was read from, including those that it looked for in vain. */
export interface ConfigFiles {
  /** The sources to read the configuration from: they note each file that is touched. */
  readonly sources: ConfigSources;
  /**
   * The stamps of the files that have changed since they were first touched, as a text that stays the
   * same while they do; null: none has changed.
   */
  readonly findChange: () => Promise<string | null>;
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
    findChange: async () => {
      const changed: (readonly [path: string, stamp: string])[] = [];
      for (const [path, stamp] of stamps) {
        const current = await sources.fileStamp(path);
        if (current !== stamp) changed.push([path, current]);
      }
      return changed.length === 0 ? null : JSON.stringify(changed);
    },
    stampOf: (path) => stamps.get(path),
  };
}
