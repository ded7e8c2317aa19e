/** Has a file, or the names in a folder, on the disk itself, where that can be done. Never rejects. */
export async function syncToDisk(path: string): Promise<void> {
  try {
    using file = await Deno.open(path);
    await file.sync();
  } catch {
    // What cannot be synchronised is as durable as the system makes it.
  }
}
