/** What a process uses at a moment. */
export interface Sample {
  readonly residentMib: number;
  readonly descriptors: number;
  readonly children: number;
}

/** Reads `/proc`. Null: the process is not there. */
export async function sampleProcess(pid: number): Promise<Sample | null> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const resident = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    const descriptors = await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`));
    return {
      residentMib: resident / 1024,
      descriptors: descriptors.length,
      children: await countChildren(pid),
    };
  } catch {
    return null;
  }
}

/** The medians of a part of the run. */
export interface Medians extends Sample {
  readonly samples: number;
}

/** The medians of each third of the samples. */
export function medianOfThirds(samples: readonly Sample[]): Medians[] {
  const size = Math.ceil(samples.length / 3);
  return [0, 1, 2].map((part) => medians(samples.slice(part * size, (part + 1) * size)));
}

function medians(samples: readonly Sample[]): Medians {
  const median = (key: keyof Sample) => {
    const sorted = samples.map((sample) => sample[key]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return {
    residentMib: Math.round(median("residentMib")),
    descriptors: median("descriptors"),
    children: median("children"),
    samples: samples.length,
  };
}

async function countChildren(pid: number): Promise<number> {
  const tasks = await Array.fromAsync(Deno.readDir(`/proc/${pid}/task`));
  const lists = await Promise.all(
    tasks.map(({ name }) =>
      Deno.readTextFile(`/proc/${pid}/task/${name}/children`).catch(() => "")
    ),
  );
  return lists.join(" ").split(/\s+/).filter((child) => child !== "").length;
}
