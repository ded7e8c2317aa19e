/** Events in the order in which they came, for one reader. */
export interface Channel<Event> {
  readonly push: (event: Event) => void;
  /** The oldest event that was not read, or the next one. */
  readonly next: () => Promise<Event>;
}

/** Makes an empty channel. */
export function createChannel<Event>(): Channel<Event> {
  const unread: Event[] = [];
  let wake = () => {};
  return {
    push: (event) => {
      unread.push(event);
      wake();
    },
    next: async () => {
      for (;;) {
        const event = unread.shift();
        if (event !== undefined) return event;
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}
