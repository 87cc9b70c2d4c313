import {
  countWords,
  type EntryFacts,
  type Rehearsal,
  type RehearsedChange,
} from '../../../protocol/rehearsal.ts'

/** `812 bytes`, `12 kB`, `3.4 MB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** A path below the folder without that prefix, as in the diff; any other path whole. */
export const pathBelow = (path: string, folder: string): string =>
  path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path

export const verbs: Readonly<Record<RehearsedChange['what'], string>> = {
  added: 'added',
  changed: 'changed',
  deleted: 'deleted',
  type: 'replaced',
  mode: 'mode',
}

const modeWords = (mode: number): string => mode.toString(8).padStart(4, '0')
const kindWords: Readonly<Record<EntryFacts['kind'], string>> = {
  file: 'file',
  folder: 'folder',
  link: 'link',
  other: 'pipe, socket or device',
}

/** What a path is, and what became of it, behind its name. */
export function factWords({ what, before, after, target, added, removed, diff }: RehearsedChange): string {
  const now = after ?? before
  if (!now) return ''
  const lines = diff === null || added + removed === 0 ? '' : `+${added} −${removed}`
  const leads = target === null ? '' : `leads to ${target}`
  switch (what) {
    case 'mode':
      return `${modeWords(before?.mode ?? 0)} → ${modeWords(after?.mode ?? 0)}`
    case 'type':
      return [`${kindWords[before?.kind ?? 'other']} → ${kindWords[now.kind]}`, leads]
        .filter(Boolean)
        .join(', ')
    case 'deleted':
      return now.kind === 'file' ? sizeWords(now.bytes) : kindWords[now.kind]
    case 'added':
    case 'changed': {
      if (now.kind !== 'file') return [kindWords[now.kind], leads].filter(Boolean).join(', ')
      const size =
        what === 'changed' && before && before.bytes !== now.bytes
          ? `${sizeWords(before.bytes)} → ${sizeWords(now.bytes)}`
          : sizeWords(now.bytes)
      const runs = (now.mode & 0o111) !== 0 && ((before?.mode ?? 0) & 0o111) === 0 ? 'can be run' : ''
      return [lines, size, runs].filter(Boolean).join(', ')
    }
  }
}

const endings: Readonly<Record<Rehearsal['ended'], string>> = {
  itself: '',
  stopped: 'stopped by you',
  timeUp: 'stopped: its time was up',
  tooLarge: 'stopped: it wrote too much',
}

/** How it ended, in a few words. */
export function endWords({ ended, exitCode, signal }: Rehearsal): string {
  if (ended !== 'itself') return endings[ended]
  return exitCode === null ? `ended by ${signal ?? 'a signal'}` : `ended with ${exitCode}`
}

/** What it asked of the network: nothing, or how much of it was stopped. */
export function networkWords({ hosts, stoppedConnections }: Rehearsal): string {
  const named = hosts.map(
    ({ host, port }) => `${host ?? 'a host it did not name'}${port === null ? '' : `:${port}`}`,
  )
  if (named.length > 0) return `wanted ${named.join(', ')}; stopped`
  if (stoppedConnections === null) return 'no host named; connections were not counted'
  if (stoppedConnections === 0) return 'none asked for'
  return stoppedConnections === 1 ? '1 connection stopped' : `${stoppedConnections} connections stopped`
}

/** For the slot "Changes" and for screen readers: the whole in one line. */
export const summaryWords = (rehearsal: Rehearsal): string =>
  `${countWords(rehearsal.counts)}; ${endWords(rehearsal)}; network: ${networkWords(rehearsal)}`
