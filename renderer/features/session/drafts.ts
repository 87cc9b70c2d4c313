/** What was typed and not sent, per session: kept when the person looks elsewhere, and over a reload. */
const prefix = 'draft.'
const kept = new Map<string, string>()

export function readDraft(sessionId: string): string {
  const here = kept.get(sessionId)
  if (here !== undefined) return here
  try {
    return sessionStorage.getItem(prefix + sessionId) ?? ''
  } catch {
    // Storage can be switched off; the draft then lasts as long as the page.
    return ''
  }
}

export function keepDraft(sessionId: string, text: string): void {
  kept.set(sessionId, text)
  try {
    if (text === '') sessionStorage.removeItem(prefix + sessionId)
    else sessionStorage.setItem(prefix + sessionId, text)
  } catch {
    // Full or switched off: the copy in memory stands.
  }
}
