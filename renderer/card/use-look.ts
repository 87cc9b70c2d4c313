import { useEffect, useRef } from 'react'

/** How long something was really before a pair of eyes: this window in front and not hidden. Milliseconds. */
export function useLook(key: string): () => number {
  const look = useRef<{ total: number; sinceMs: number | null }>({ total: 0, sinceMs: null })
  useEffect(() => {
    const now = { total: 0, sinceMs: null as number | null }
    look.current = now
    const update = (): void => {
      const seen = document.visibilityState === 'visible' && document.hasFocus()
      if (seen) now.sinceMs ??= Date.now()
      else if (now.sinceMs !== null) {
        now.total += Date.now() - now.sinceMs
        now.sinceMs = null
      }
    }
    update()
    window.addEventListener('focus', update)
    window.addEventListener('blur', update)
    document.addEventListener('visibilitychange', update)
    return () => {
      window.removeEventListener('focus', update)
      window.removeEventListener('blur', update)
      document.removeEventListener('visibilitychange', update)
    }
  }, [key])
  return () => {
    const { total, sinceMs } = look.current
    return Math.max(0, Math.round(total + (sinceMs === null ? 0 : Date.now() - sinceMs)))
  }
}
