/** Whether this user may write there, by owner and mode; null: nothing is there. Never rejects. */
export async function isWritable(path: string): Promise<boolean | null> {
  try {
    const { uid, mode } = await Deno.stat(path);
    if (Deno.uid() === 0 || uid === null || mode === null) return true;
    return (mode & (uid === Deno.uid() ? 0o200 : 0o022)) !== 0;
  } catch {
    return null;
  }
}
