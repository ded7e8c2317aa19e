/** What has changed: the program, or only the user's registry. */
export type SourceChange = "code" | "hosts";

/** Editors write a file in several steps. */
const SETTLE_MS = 200;

/** Watches a checkout until it is disposed of; `root` has a final slash. */
export function watchSources(
  root: string,
  onChange: (change: SourceChange) => void,
): AsyncDisposable {
  const watcher = Deno.watchFs(root);
  const changes = new Set<SourceChange>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function report(): void {
    const change = changes.has("code") ? "code" : "hosts";
    changes.clear();
    onChange(change);
  }

  async function watch(): Promise<void> {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      const found = paths.flatMap((path) => classify(path, root) ?? []);
      if (found.length === 0) continue;
      for (const change of found) changes.add(change);
      clearTimeout(timer);
      timer = setTimeout(report, SETTLE_MS);
    }
  }

  const watching = watch();
  return {
    [Symbol.asyncDispose]: async () => {
      watcher.close();
      await watching;
      clearTimeout(timer);
    },
  };
}

function classify(path: string, root: string): SourceChange | null {
  if (path === `${root}hosts.toml`) return "hosts";
  const isCode = path.startsWith(`${root}lib/`) ||
    ["main.ts", "deno.json"].some((name) => path === root + name);
  return isCode ? "code" : null;
}
