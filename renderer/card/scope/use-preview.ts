import { useEffect, useMemo, useState } from 'react'
import type { RuleDraft, RulePreview } from '../../../protocol/rules.ts'
import { useStores } from '../../state/context.tsx'
import { createLatest } from '../../state/latest.ts'

/** How far back a rule is tried, in days. */
export const previewDays = 30

export type PreviewState = {
  /** What the host last said, maybe of the draft before; null until it said something. */
  readonly preview: RulePreview | null
  /** It speaks of the draft on screen. Only then may the rule be saved. */
  readonly current: boolean
  /** Why the host could not be asked. */
  readonly problem: string | null
}

type Answer = {
  readonly key: string | null
  readonly preview: RulePreview | null
  readonly problem: string | null
}
const none: Answer = { key: null, preview: null, problem: null }

/**
 * The host's view of an unsaved rule, asked again after each pause in the changes.
 * @param rule null: there is nothing to ask about
 * @param folder where the questions of the past are looked for; null: everywhere
 */
export function usePreview(
  rule: RuleDraft | null,
  replaces: string | null,
  folder: string | null,
): PreviewState {
  const { client } = useStores()
  const [answer, setAnswer] = useState(none)
  const key = JSON.stringify([rule, replaces, folder])
  const latest = useMemo(
    () =>
      createLatest({
        run: (asked: string) => {
          const [draft, replaced, place] = JSON.parse(asked) as [RuleDraft, string | null, string | null]
          return client.call('rules/preview', {
            rule: draft,
            replaces: replaced,
            folder: place,
            days: previewDays,
          })
        },
        done: (preview, asked) => setAnswer({ key: asked, preview, problem: null }),
        failed: ({ message }) => setAnswer((before) => ({ ...before, key: null, problem: message })),
      }),
    [client],
  )
  const asks = rule !== null
  useEffect(() => {
    if (!asks) return
    latest.ask(key)
    return () => latest.stop()
  }, [latest, key, asks])
  return { preview: answer.preview, current: asks && answer.key === key, problem: answer.problem }
}
