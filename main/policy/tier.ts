import type { Action, Grant } from '../../protocol/action.ts'
import type { Flag, Tier } from '../../protocol/approvals.ts'
import { fileAccessRows } from './file-access-tier.ts'
import { inspectCommand } from './inspect-command.ts'
import type { DecodedCommand } from './shell/command-part.ts'

/** What the table needs besides the action; gathered at the edge. */
export type TierFacts = {
  readonly folder: string
  readonly home: string
  /** The widest grant that is offered for it without opening a menu. */
  readonly grant: Grant
  /** Times the same question was allowed here before, and never denied. */
  readonly allowedBefore: number
  readonly deniedBefore: number
  /** A part of it already ran inside the sandbox and was stopped. */
  readonly ranOnce: boolean
  /** The decisive value came from a file, a page or a program's output. */
  readonly foreignOrigin: boolean
  /** The command as it was read; null for every other kind. */
  readonly decoded: DecodedCommand | null
  /** Some path of it lies in a protected place. Absent: none. */
  readonly protectedPath?: boolean
}

export type TierResult = {
  readonly tier: Tier
  readonly reasons: readonly string[]
  readonly flags: readonly Flag[]
}

const order: readonly Tier[] = ['routine', 'notable', 'serious', 'critical']

/** Locations whose content runs later without anyone asking again. Relative to the home, or absolute. */
const runsLater = [
  /^~\/\.(?:bashrc|bash_profile|bash_login|profile|zshrc|zshenv|zprofile|zlogin|inputrc|xprofile|xinitrc)$/,
  /^~\/\.config\/(?:autostart|systemd|fish)(?:\/|$)/,
  /^~\/\.(?:ssh|gnupg|aws|kube|docker|npmrc|pypirc|netrc|gitconfig|codex|claude|gatehouse|agents)(?:\/|$)/,
  /^~\/(?:bin|\.local\/bin|Library\/LaunchAgents)(?:\/|$)/,
  /^\/(?:etc|usr|bin|sbin|lib\w*|boot|var\/spool\/cron)(?:\/|$)/,
  /\/\.git\/(?:hooks(?:\/|$)|config$)/,
  /\/\.(?:codex|agents|gatehouse|claude|vscode|husky)(?:\/|$)/,
  /\/\.github\/workflows(?:\/|$)|\/\.gitlab-ci\.yml$/,
]

export const changesWhatRunsLater = (path: string, home: string): boolean => {
  const short = path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
  return runsLater.some((p) => p.test(short))
}

const deletes = 'deletes without a copy'
const historyWritable = 'the history of the repository becomes writable; hooks and config stay closed'

/** Everything that is deleted has a name that leads below the folder, so the checkpoint of the turn has it. */
function deletesOnlyBelow({ parts }: DecodedCommand, folder: string): boolean {
  const deleting = parts.filter((p) => /(?:^|\/)g?rm$/.test(p.words[0] ?? ''))
  return (
    deleting.length > 0 &&
    deleting.every(
      ({ argv }) =>
        argv !== null &&
        argv.slice(1).every((word) => {
          if (word.startsWith('-')) return true
          const below = word.startsWith(`${folder}/`) ? word.slice(folder.length + 1) : word
          return (
            /^[\w@+=:,-][^*?[{~]*$|^\.[\w-][^*?[{~]*$/.test(below) && !/(?:^|\/)\.\.?(?:\/|$)/.test(below)
          )
        }),
    )
  )
}

/**
 * The tier of a request: the highest row of this table that applies.
 *
 * Source: docs/SECURITY-MODEL.md, "Tiers" (UX.md 2.3). Words, never numbers; the card prints the rows.
 */
export function tierOf(action: Action, facts: TierFacts): TierResult {
  const rows: [Tier, string][] = []
  const flags = new Set<Flag>()
  const { grant } = facts
  const paths = action.kind === 'fileChange' ? action.edits.map((e) => e.path) : grant.writePaths
  const runsLaterAt = (path: string): boolean => changesWhatRunsLater(path, facts.home)

  if (action.kind === 'fileAccess') {
    const protectedPath = facts.protectedPath === true
    for (const [tier, words] of fileAccessRows(action, {
      folder: facts.folder,
      protectedPath,
      runsLater: runsLaterAt,
    })) {
      rows.push([tier, words])
      if (tier === 'critical' && action.held.kind === 'write') flags.add('changesWhatRunsLater')
    }
  }
  for (const path of action.kind === 'fileAccess' ? [] : paths) {
    if (runsLaterAt(path)) {
      rows.push(['critical', `${path} changes what runs later`])
      flags.add('changesWhatRunsLater')
    } else if (path === `${facts.folder}/.git` || path.endsWith('/.git')) {
      rows.push(['serious', historyWritable])
    } else if (!path.startsWith(`${facts.folder}/`) && path !== facts.folder) {
      rows.push(['notable', 'outside the workspace'])
    }
  }
  if (grant.gitMetadata && action.kind !== 'fileAccess') rows.push(['serious', historyWritable])
  if (grant.unsandboxed) rows.push(['serious', 'everything your account can reach becomes reachable'])
  else if (grant.network) rows.push(['serious', 'data can leave this machine'])

  if (facts.decoded) {
    const { irreversible, opaque } = inspectCommand(facts.decoded)
    const reaches = grant.unsandboxed || grant.network || paths.length > 0
    for (const words of irreversible) {
      const kept = words === deletes && !reaches && deletesOnlyBelow(facts.decoded, facts.folder)
      rows.push(
        kept ? ['notable', `${words}, but the checkpoint of this turn keeps one`] : ['critical', words],
      )
    }
    if (opaque !== null) {
      rows.push([reaches ? 'serious' : 'notable', opaque])
      flags.add('notInspectable')
    }
  }
  if (action.kind === 'hostAccess') {
    rows.push(['notable', 'what the command can read can be sent to this host'])
    if (facts.foreignOrigin) rows.push(['serious', 'its host came from text that nobody vouched for'])
  }
  if (action.kind === 'fileChange' && action.edits.some((e) => e.change === 'delete'))
    rows.push(['notable', 'deletes a file; the checkpoint of this turn keeps a copy'])
  if (action.kind === 'input' && action.outside)
    rows.push(['serious', 'the program runs with more than the sandbox gives'])
  if (facts.foreignOrigin) {
    flags.add('untrustedOrigin')
    if (grant.network || grant.unsandboxed)
      rows.push(['serious', 'its values came from text that nobody vouched for'])
  }
  if (facts.ranOnce) flags.add('ranOnceAlready')
  if (facts.allowedBefore === 0 && facts.deniedBefore === 0) flags.add('newHere')

  const tier = order[Math.max(0, ...rows.map(([t]) => order.indexOf(t)))] as Tier
  const reasons = rows.filter(([t]) => t === tier).map(([, words]) => words)
  return {
    tier,
    reasons: reasons.length > 0 ? [...new Set(reasons)] : ['reversible and inside the known scope'],
    flags: [...flags],
  }
}
