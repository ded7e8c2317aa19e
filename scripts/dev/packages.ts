/** Fetches what the program imports, and shows what it fetches: that may take a while. */
export async function fetchPackages(root: string): Promise<void> {
  const fetching = new Deno.Command(Deno.execPath(), {
    args: ["cache", `${root}main.ts`],
    stdin: "null",
  }).spawn();
  // Without a network the programs say what they lack.
  await fetching.status;
}
