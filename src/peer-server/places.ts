/** A number of places that are held for a while: so many for one holder, so many in all. */
export interface Places {
  /** Answers how to give the place back, once; null when there is none for this holder. */
  take(holder: string): (() => void) | null;
}

export function createPlaces({ each, all }: { readonly each: number; readonly all: number }): Places {
  const held = new Map<string, number>();
  let total = 0;
  const giveBack = (holder: string): void => {
    const left = (held.get(holder) ?? 0) - 1;
    if (left > 0) held.set(holder, left);
    else held.delete(holder);
    total -= 1;
  };
  return {
    take: (holder) => {
      const own = held.get(holder) ?? 0;
      if (own >= each || total >= all) return null;
      held.set(holder, own + 1);
      total += 1;
      return () => giveBack(holder);
    },
  };
}
