/** Carries bytes between two connections until either ends; closes both. */
export async function carry(near: Deno.Conn, far: Deno.Conn): Promise<void> {
  const ways = [near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)];
  await Promise.allSettled(ways);
}
