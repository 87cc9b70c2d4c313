import { useSyncExternalStore } from 'react'

let now = Date.now()
let timer: ReturnType<typeof setInterval> | null = null
const listeners = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  now = Date.now()
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, 500)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** Unix time in milliseconds, twice a second, one clock for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

/** `0:41`, `12:07`, `1:02:33`. Never negative. */
export function clockWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (n: number): string => String(n).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** `just now`, `4 min ago`, `3 h ago`, then the date. */
export function agoWords(atMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - atMs) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`
  return dateWords(atMs)
}

/** `24 Nov` of this year, `24 Nov 2025` otherwise. */
export function dateWords(atMs: number): string {
  const date = new Date(atMs)
  const year = date.getFullYear() === new Date().getFullYear() ? {} : { year: 'numeric' as const }
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...year })
}

/** `10:41`. */
export function timeWords(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}

/** `0.4 s`, `12 s`, `3 min 20 s`. */
export function durationWords(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** Time since `sinceMs`, ticking; not announced. */
export function Elapsed({ sinceMs, prefix = '' }: { readonly sinceMs: number; readonly prefix?: string }) {
  return (
    <span className="time" role="timer" aria-live="off">
      {prefix}
      {clockWords(useNow() - sinceMs)}
    </span>
  )
}

/** Time left until `untilMs`, ticking, rounded up so that it reaches 0:00 only at the end. */
export function Remaining({ untilMs, suffix = '' }: { readonly untilMs: number; readonly suffix?: string }) {
  return (
    <span className="time" role="timer" aria-live="off">
      {clockWords(untilMs - useNow() + 999)}
      {suffix}
    </span>
  )
}

/** A moment as a person says it, with the exact time for machines and on hover. */
export function Moment({ atMs }: { readonly atMs: number }) {
  const exact = new Date(atMs)
  return (
    <time className="time" dateTime={exact.toISOString()} title={exact.toLocaleString('en-GB')}>
      {agoWords(atMs, useNow())}
    </time>
  )
}
