/** How often a directory is tried to be removed, 20 ms apart. */
const TRIES = 500;

/** Removes a directory in which a process that ends may still leave a file meanwhile. */
export async function removeDirectory(path: string): Promise<void> {
  for (let tries = 1;; tries++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      if (tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
