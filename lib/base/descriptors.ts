/** Something that takes up a descriptor. */
export interface Opened {
  readonly close: () => void;
}

/** Opens what costs nothing but a descriptor. Throws where there is none left. */
export type OpenSomething = () => Opened;

/**
 * How many more files and connections this process may open, up to `most`. It tries: the limit
 * is in `/proc/self/limits`, which Deno lets only a program with all permissions read.
 */
export function countFreeDescriptors(
  most: number,
  open: OpenSomething = () => Deno.openSync("/dev/null"),
): number {
  const opened: Opened[] = [];
  try {
    while (opened.length < most) opened.push(open());
    return most;
  } catch (error) {
    return isExhausted(error) ? opened.length : most;
  } finally {
    for (const file of opened) file.close();
  }
}

/** Whether an error means that the process, or the machine, can open nothing more. */
function isExhausted(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    (error.code === "EMFILE" || error.code === "ENFILE");
}
