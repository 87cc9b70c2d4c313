import path from 'node:path'
import type { Action } from '../../protocol/action.ts'
import type { ItemId } from '../../protocol/ids.ts'
import type { Item } from '../../protocol/sessions.ts'

export type ValueOrigin = {
  readonly words: string
  readonly foreign: string | null
  readonly itemId: ItemId | null
}

/** The values that decide what an action does, most decisive first: host, path, program. */
export function decisiveValues(action: Action): readonly string[] {
  switch (action.kind) {
    case 'command': {
      const hosts = (action.escalation?.violations ?? []).flatMap((v) =>
        v.kind === 'connect' && v.host ? [v.host] : [],
      )
      const paths = (action.escalation?.ladder[0]?.writePaths ?? []).flatMap((p) => [p, path.basename(p)])
      return [...hosts, ...paths, action.script ?? action.argv.join(' ')]
    }
    case 'fileChange':
      return action.edits.flatMap((e) => [e.path, path.basename(e.path)])
    case 'input':
      return [action.text]
    case 'permissions':
      return action.grant.writePaths
  }
}

/**
 * Where a decisive value first stood in this session: the person's message, a command's output, the agent's
 * own words. A value that nobody said before is the agent's own; that is said, never called trusted.
 */
export function findOrigin(action: Action, items: readonly Item[]): ValueOrigin {
  let turn = 0
  const values = decisiveValues(action).filter((v) => v.length >= 3)
  for (const item of items) {
    if (item.type === 'user') turn += 1
    const text =
      item.type === 'user' || item.type === 'agent' ? item.text : item.type === 'action' ? item.output : ''
    const value = text === '' ? undefined : values.find((v) => text.includes(v))
    if (value === undefined) continue
    if (item.type === 'user')
      return { words: `${quote(value)} stands in your message, turn ${turn}`, foreign: null, itemId: item.id }
    if (item.type === 'action') {
      const by =
        item.action.kind === 'command' ? (item.action.script ?? item.action.argv.join(' ')) : item.action.kind
      return {
        words: `${quote(value)} first seen in the output of`,
        foreign: by.slice(0, 120),
        itemId: item.id,
      }
    }
    return { words: `${quote(value)} first named by the agent, turn ${turn}`, foreign: null, itemId: item.id }
  }
  return {
    words: 'put together by the agent; its values stand nowhere else in this session',
    foreign: null,
    itemId: null,
  }
}

const quote = (value: string): string => `“${value.length > 60 ? `${value.slice(0, 57)}…` : value}”`
