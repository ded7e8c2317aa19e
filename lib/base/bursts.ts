/** Begun without a pause: a thousand at once would keep the first from seeing their answers. */
const BURST = 50;

/** Does something for each item, all at the same time, and returns the results in the same order. */
export async function inBursts<T, R>(
  items: Iterable<T>,
  begin: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: Promise<R>[] = [];
  for (const item of items) {
    if (results.length % BURST === BURST - 1) await letOthersRun();
    results.push(begin(item));
  }
  return await Promise.all(results);
}

/** A turn of the event loop, in which connections are made and answers read. */
export function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
