import type { FileAccessAction } from '../../protocol/action.ts'
import type { Tier } from '../../protocol/approvals.ts'
import { pathsOf } from './judge-file-access.ts'
import { isWithin } from './settings/plain-path.ts'

/** Names under which programs keep keys, passwords and tokens. */
const secrets = [
  /\/\.env(?:\.[^/]*)?$/,
  /\/(?:id_[a-z0-9]+|identity|[^/]*\.(?:pem|key|p12|pfx|kdbx|jks|keystore|ovpn))$/i,
  /\/\.(?:ssh|gnupg|aws|azure|kube|docker|password-store)(?:\/|$)/,
  /\/\.(?:netrc|npmrc|pypirc|pgpass|git-credentials|my\.cnf)$/,
  /\/[^/]*(?:secret|credential|passw(?:or)?d|token)[^/]*$/i,
  /\/\.config\/(?:gcloud|gh|op|sops)(?:\/|$)/,
]
export const looksSecret = (path: string): boolean => secrets.some((p) => p.test(path))

const deletes = /^(?:unlink|unlinkat|rmdir)$/

type Places = {
  readonly folder: string
  /** Some path of it lies in a protected place. */
  readonly protectedPath: boolean
  readonly runsLater: (path: string) => boolean
}

/** The rows of the tier table that speak of one held file call. */
export function fileAccessRows(
  { held, escalation }: FileAccessAction,
  { folder, protectedPath, runsLater }: Places,
): readonly (readonly [Tier, string])[] {
  const paths = pathsOf(held)
  if (held.kind === 'read')
    return paths.map((path) =>
      looksSecret(path)
        ? ['critical', `${path} looks like a secret, and the settings deny reading it`]
        : ['serious', `the settings deny reading ${path}`],
    )
  const record = escalation?.ladder.some((g) => g.gitMetadata) === true
  const rows: [Tier, string][] = []
  for (const path of paths) {
    if (record) rows.push(['serious', 'the history of the repository changes; hooks and config stay closed'])
    else if (runsLater(path)) rows.push(['critical', `${path} changes what runs later`])
    else if (!isWithin(path, folder)) rows.push(['notable', 'outside the workspace'])
  }
  if (protectedPath && !record && !rows.some(([tier]) => tier === 'critical'))
    rows.push(['critical', 'a protected place: what is in it decides what runs later'])
  const gone = deletes.test(held.call) || held.call === 'truncate' || held.flags.includes('O_TRUNC')
  const lost = held.path2 === null ? held.exists && !record : false
  if (gone && lost && !isWithin(held.path, folder))
    rows.push(['serious', 'what stands there is lost; no checkpoint keeps it'])
  return rows
}
