/** Does something with each of some things, with so many at once. Rejects as the first that does, at the end. */
export async function inParallel<T>(
  things: readonly T[],
  limit: number,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  const queue = things.values();
  const faults: unknown[] = [];
  const workers = Array.from({ length: Math.min(limit, things.length) }, async () => {
    for (const thing of queue) {
      await work(thing).catch((error) => {
        faults.push(error);
      });
    }
  });
  await Promise.all(workers);
  if (faults.length > 0) throw faults[0];
}
