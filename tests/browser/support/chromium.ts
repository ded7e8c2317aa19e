import { type Browser, chromium } from "playwright-core";
import { findProcesses, until } from "../../processes.ts";
import { removeDirectory } from "../../remove_directory.ts";

/** Chromium without what shows windows, which starts in a third of the time, or else Chromium. */
const PROGRAMS = ["chromium-headless-shell", "chromium"];

/** Path of Chromium; null: it is not installed. */
export const CHROMIUM = findChromium();

/** No sandbox: tests may run as root. The rest keeps it from looking for anything elsewhere. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How long Chromium may take to end once it was closed. */
const END_MS = 10_000;

/** A Chromium without a window. Disposed of, its process has ended and its profile is removed. */
export interface RunningChromium extends AsyncDisposable {
  readonly browser: Browser;
  /** Its processes; those that it has started itself are not among them. */
  readonly findProcesses: () => Promise<readonly number[]>;
  /** Where it keeps its profile and all else that it writes. */
  readonly directory: string;
}

/** Starts Chromium with an empty profile. */
export async function startChromium(): Promise<RunningChromium> {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "chromium-" });
  stack.defer(() => removeDirectory(directory));
  // A flag that Chromium does not know marks its process.
  const marker = `--kept-in=${directory}`;
  const browser = await chromium.launch({
    executablePath: CHROMIUM ?? "chromium",
    args: [...FLAGS, marker],
    env: { PATH: "/usr/bin:/bin", HOME: directory, TMPDIR: directory },
    // A test's own end closes it; handlers of signals would outlive the test.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  stack.defer(async () => {
    await until(async () => (await findProcesses(marker)).length === 0, END_MS);
  });
  stack.defer(() => browser.close());
  const owned = stack.move();
  return {
    browser,
    directory,
    findProcesses: () => findProcesses(marker),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function findChromium(): string | null {
  const folders = ["/usr/bin", ...(Deno.env.get("PATH") ?? "").split(":")];
  const paths = PROGRAMS.flatMap((program) =>
    folders.filter((folder) => folder !== "").map((folder) => `${folder}/${program}`)
  );
  return paths.find(isFile) ?? null;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
