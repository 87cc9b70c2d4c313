import type { SessionSummary } from '../../../protocol/sessions.ts'

/** The text of a session that a filter looks at, in lower case. */
const haystack = (s: SessionSummary): string =>
  [s.title, s.folder, s.branch ?? '', s.agentName, s.state, s.stateReason ?? ''].join('\n').toLowerCase()

/** Sessions that contain every word of the filter somewhere. An empty filter keeps all. Order is kept. */
export function filterSessions(sessions: readonly SessionSummary[], filter: string): SessionSummary[] {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return sessions.filter((session) => {
    const text = haystack(session)
    return words.every((word) => text.includes(word))
  })
}
