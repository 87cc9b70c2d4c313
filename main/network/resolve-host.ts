import { lookup } from 'node:dns'
import type { Clock } from '../platform/clock.ts'

/** Every address of a name. Rejects when there is none. */
export type Resolve = (name: string) => Promise<readonly string[]>

/** As this machine looks names up: hosts file, resolver, search list. */
export const systemResolve: Resolve = (name) =>
  new Promise((resolve, reject) => {
    lookup(name, { all: true, order: 'verbatim' }, (error, addresses) =>
      error ? reject(error) : resolve(addresses.map(({ address }) => address)),
    )
  })

const slowestMs = 5000

/**
 * Looks names up with a limit of five seconds; null when there is no answer. Those who ask for a name while it is
 * being looked up get the same answer; it is not kept any longer.
 */
export function boundedResolve(
  resolve: Resolve,
  clock: Clock,
): (name: string) => Promise<readonly string[] | null> {
  const underWay = new Map<string, Promise<readonly string[] | null>>()
  return (name) => {
    const already = underWay.get(name)
    if (already) return already
    const answer = withLimit(resolve(name), clock).finally(() => underWay.delete(name))
    underWay.set(name, answer)
    return answer
  }
}

async function withLimit(
  lookup: Promise<readonly string[]>,
  clock: Clock,
): Promise<readonly string[] | null> {
  let stop = (): void => {}
  const late = new Promise<null>((resolve) => {
    stop = clock.after(slowestMs, () => resolve(null))
  })
  try {
    return await Promise.race([lookup, late])
  } catch {
    return null
  } finally {
    stop()
  }
}
