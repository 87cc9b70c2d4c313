/** Numbers that look random and are the same for the same seed. */
export type Random = {
  /** From 0 up to, and without, `below`. */
  readonly below: (below: number) => number
  readonly pick: <T>(of: readonly T[]) => T
  readonly chance: (oneIn: number) => boolean
}

/** Mulberry32, by Tommy Ettinger: 32 bits of state, good enough to spread inputs. */
export function randomFrom(seed: number, index: number): Random {
  // One state for each input, so that one input can be made again without those before it.
  let state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (count: number): number => Math.floor(next() * count)
  return {
    below,
    pick: (of) => {
      const picked = of[below(of.length)]
      if (picked === undefined) throw new Error('There is nothing to pick from.')
      return picked
    },
    chance: (oneIn) => below(oneIn) === 0,
  }
}
