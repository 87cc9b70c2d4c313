import { useEffect } from 'react'
import { headlines } from '../../card/words.ts'
import { useStores } from '../../state/context.tsx'
import { needsYou } from '../../state/inbox.ts'

/** Says that something waits, merged and politely: "2 waiting, one serious, newest: reach a network host". */
export function useArrivals(): void {
  const { inbox, announcements } = useStores()
  useEffect(() => {
    let known = new Set<string>()
    const look = (): void => {
      const waiting = needsYou(inbox.store.getState())
      const fresh = waiting.some(({ id }) => !known.has(id))
      known = new Set(waiting.map(({ id }) => id))
      if (!fresh) return
      announcements.sayMerged(() => {
        const now = needsYou(inbox.store.getState())
        const newest = now.toSorted((a, b) => b.requestedAtMs - a.requestedAtMs)[0]
        if (!newest) return ''
        const grave = now.filter(({ tier }) => tier === 'serious' || tier === 'critical').length
        const worst = grave > 0 ? `, ${grave} serious or critical` : ''
        return `${now.length} waiting${worst}, newest: ${headlines[newest.kind].toLowerCase()}.`
      })
    }
    look()
    return inbox.store.subscribe(look)
  }, [inbox, announcements])
}
