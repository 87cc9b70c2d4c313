import { useMemo } from 'react'
import type { RuleRow } from '../../../protocol/rules.ts'
import { useSessions } from '../../state/context.tsx'

/** Folders of sessions, running ones first, then those that rules name. */
export function useFolders(rows: readonly RuleRow[]): readonly string[] {
  const ids = useSessions((state) => state.ids)
  const byId = useSessions((state) => state.byId)
  return useMemo(() => {
    const ofSessions = ids.flatMap((id) => byId.get(id)?.folder ?? [])
    return [...new Set([...ofSessions, ...rows.flatMap(({ where }) => where ?? [])])]
  }, [ids, byId, rows])
}
