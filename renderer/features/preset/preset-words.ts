import { type Preset, presetOf, roomOf, type Settings } from '../../../protocol/settings.ts'

export type Change = { readonly about: string; readonly from: string; readonly to: string }

const files = {
  'read-only': 'may be read; nothing may be written without a question',
  'workspace-write': 'this folder may be written; protected paths and all else may not',
  'danger-full-access': 'everything your account can write',
} as const
const network = {
  'read-only': 'closed',
  'workspace-write': 'closed',
  'danger-full-access': 'open, to every host',
} as const
const questions = {
  untrusted: 'asks before everything but known reading commands',
  'on-request': 'asks to leave the boundary',
  never: 'asks nothing',
} as const

/** What a switch changes, aspect by aspect; the same aspects in the same order for every preset. */
export function changesOf(now: Settings, preset: Preset): readonly Change[] {
  const next = presetOf(preset)
  return [
    { about: 'Files', from: files[now.sandboxMode], to: files[next.sandboxMode] },
    { about: 'Network', from: network[now.sandboxMode], to: network[next.sandboxMode] },
    { about: 'Questions', from: questions[now.approvalPolicy], to: questions[next.approvalPolicy] },
  ]
}

export type Direction = 'same' | 'narrower' | 'wider'

export function directionOf(now: Settings, preset: Preset): Direction {
  const difference = roomOf(presetOf(preset).sandboxMode) - roomOf(now.sandboxMode)
  return difference < 0 ? 'narrower' : difference > 0 ? 'wider' : 'same'
}

/** What is gained and lost, as sentences. */
export function gainsAndLosses(
  now: Settings,
  preset: Preset,
): { readonly gains: string; readonly loses: string } {
  const direction = directionOf(now, preset)
  if (direction === 'same') return { gains: 'nothing', loses: 'nothing' }
  if (preset === 'full-access') {
    return {
      gains: 'every file, key, socket and host your account can reach, without asking',
      loses: 'the sandbox and your answers; commands are still recorded',
    }
  }
  if (direction === 'wider') {
    return {
      gains: 'writing in this folder, and running commands in the sandbox, without a question each',
      loses: 'your eyes on each of those; all stay in the record',
    }
  }
  return {
    gains: 'nothing to reach',
    loses:
      preset === 'read-only'
        ? 'writing in this folder, at once: what runs with more room is stopped, what waits is asked again'
        : 'everything beyond this folder and its sandbox, at once: what runs outside is stopped',
  }
}
