import type { Abilities, Ability } from '../../../protocol/policy.ts'
import { placeText } from '../../state/policy-words.ts'

export type Cell = Ability['withoutAsking'][number]
export type Column = 'withoutAsking' | 'asksFirst' | 'cannot' | 'decidedBy'

export const columns: readonly { readonly id: Column; readonly name: string; readonly none: string }[] = [
  { id: 'withoutAsking', name: 'Without asking', none: 'nothing' },
  { id: 'asksFirst', name: 'Asks first', none: 'nothing' },
  { id: 'cannot', name: 'Cannot', none: 'nothing is ruled out' },
  { id: 'decidedBy', name: 'Decided by', none: 'what is built in' },
]

export const rowNames: Readonly<Record<Ability['what'], string>> = {
  read: 'Read files',
  write: 'Write files',
  run: 'Run commands',
  network: 'Network',
  tools: 'Tools',
  secrets: 'Secrets near',
}

/** `10:47:12`: an answer that is a minute old may be another one by now. */
export const secondsWords = (atMs: number): string =>
  new Date(atMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

const cellText = ({ text, source }: Cell): string =>
  source === null ? text : `${text} (${placeText(source)})`

/** The whole answer as plain text, for a message or a ticket. Texts are left as they are; the caller spells them. */
export function abilitiesText(abilities: Abilities): string {
  const date = new Date(abilities.atMs).toISOString().slice(0, 10)
  const lines = [
    `What can ${abilities.title} do right now? As of ${date}, ${secondsWords(abilities.atMs)}`,
    '',
    ...abilities.rows.flatMap((row) => [
      rowNames[row.what],
      ...columns.map(({ id, name, none }) => {
        const cells = row[id]
        return `  ${name}: ${cells.length === 0 ? none : cells.map(cellText).join('; ')}`
      }),
    ]),
    '',
    `Widest thing it can do alone: ${abilities.widest}`,
    ...(abilities.lastDay.length === 0 ? [] : [`Last 24 hours: ${abilities.lastDay.join(' ')}`]),
    `Sandbox: ${abilities.sandbox}`,
  ]
  return lines.join('\n')
}
