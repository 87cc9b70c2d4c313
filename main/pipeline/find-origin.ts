import path from 'node:path'
import type { Action } from '../../protocol/action.ts'
import type { ActionId, ItemId } from '../../protocol/ids.ts'
import type { Item } from '../../protocol/sessions.ts'
import { pathsOf } from '../policy/judge-file-access.ts'

export type ValueOrigin = {
  readonly words: string
  readonly foreign: string | null
  readonly itemId: ItemId | null
}

/** The values that decide what an action does, most decisive first: host, path, program. */
export function decisiveValues(action: Action): readonly string[] {
  switch (action.kind) {
    case 'command': {
      const text = action.script ?? action.argv.join(' ')
      const words = text.split(/[\s'"=;|&()]+/)
      const hosts = words.flatMap((w) => /^[a-z]+:\/\/([^/:?#@]+)/i.exec(w)?.[1] ?? [])
      const paths = (action.escalation?.ladder[0]?.writePaths ?? []).flatMap((p) => {
        // History of the repository: what counts is the git command, not the folder's name.
        if (path.basename(p) === '.git') return /\bgit\s+([a-z-]+)/.exec(text)?.[1] ?? []
        const typed = words.filter((w) => w !== '' && p.endsWith(path.basename(w)) && w.includes('/'))
        return [p, ...typed, ...typed.map((w) => path.dirname(w)), path.basename(p)]
      })
      return [...hosts, ...paths, text]
    }
    case 'fileAccess':
      return pathsOf(action.held).flatMap((p) => [p, path.basename(p)])
    case 'fileChange':
      return action.edits.flatMap((e) => [e.path, path.basename(e.path)])
    case 'hostAccess':
      return [action.host]
    case 'input':
      return [action.text]
    case 'permissions':
      return action.grant.writePaths
  }
}

/**
 * Where a decisive value first stood in this session: the person's message, a command's output, the agent's
 * own words. A value that nobody said before is the agent's own; that is said, never called trusted.
 *
 * @param causedBy the attempt that tripped: what it printed says nothing about where the value came from
 */
export function findOrigin(action: Action, items: readonly Item[], causedBy: ActionId | null): ValueOrigin {
  for (const value of decisiveValues(action)) {
    if (value.length < 3) continue
    let turn = 0
    for (const item of items) {
      if (item.type === 'user') turn += 1
      if (item.type === 'user' && item.text.includes(value))
        return {
          words: `${quote(value)} stands in your message, turn ${turn}`,
          foreign: null,
          itemId: item.id,
        }
      if (item.type === 'agent' && item.text.includes(value))
        return {
          words: `${quote(value)} first named by the agent, turn ${turn}`,
          foreign: null,
          itemId: item.id,
        }
      if (item.type !== 'action' || item.actionId === causedBy || !item.output.includes(value)) continue
      const by =
        item.action.kind === 'command' ? (item.action.script ?? item.action.argv.join(' ')) : item.action.kind
      return {
        words: `${quote(value)} first seen in the output of `,
        foreign: by.slice(0, 120),
        itemId: item.id,
      }
    }
  }
  return {
    words: 'put together by the agent; its values stand nowhere else in this session',
    foreign: null,
    itemId: null,
  }
}

const quote = (value: string): string => `“${value.length > 60 ? `${value.slice(0, 57)}…` : value}”`
