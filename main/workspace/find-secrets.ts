import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readSmallText } from './read-small.ts'

export type SecretSearch = {
  /** Relative paths, sorted. */
  readonly files: readonly string[]
  /** Why not everything was looked at, as a sentence; null when it was. */
  readonly stopped: string | null
}

const maxEntries = 20_000
const maxLevels = 6
const maxFound = 200
const skipped = new Set(['.git', 'node_modules', '.venv', 'venv', '__pycache__', 'vendor', '.cache'])

const byName: readonly RegExp[] = [
  /^\.env(\..+)?$/,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ovpn|ppk)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)([._-].*)?$/,
  /^credentials(\..+)?\.json$/,
  /^credentials$/,
  /^\.(netrc|pgpass|git-credentials|htpasswd)$/,
  /^(service[-_]?account|gcp[-_]?key).*\.json$/,
]

const harmless = /\.(example|sample|template|dist|pub|md)$|^\.env\.(defaults|schema)$/

/** Names that are common, so the content has to decide. */
const byContent: readonly { readonly name: RegExp; readonly content: RegExp }[] = [
  {
    name: /^\.(npmrc|yarnrc(\.yml)?)$/,
    content: /_auth(Token)?\s*=\s*\S|npmAuthToken:\s*\S|_password\s*=\s*\S/i,
  },
  { name: /^\.pypirc$/, content: /password\s*[=:]\s*\S/i },
  { name: /\.json$/, content: /"type"\s*:\s*"service_account"|"private_key"\s*:\s*"-----BEGIN/ },
]

/** Looks for files that look like secrets, six levels deep. Links are not followed. */
export async function findSecrets(folder: string): Promise<SecretSearch> {
  const files: string[] = []
  let left = maxEntries
  let deeper = false
  let jsonLeft = 400
  let level = ['']
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === maxLevels) {
      deeper = true
      break
    }
    const next: string[] = []
    for (const at of level) {
      for (const entry of await list(join(folder, at))) {
        if (left-- <= 0 || files.length >= maxFound)
          return answer(files, `after ${maxEntries - left - 1} entries`)
        const path = at === '' ? entry.name : `${at}/${entry.name}`
        if (entry.isDirectory()) {
          if (!skipped.has(entry.name)) next.push(path)
        } else if (entry.isFile()) {
          const name = entry.name.toLowerCase()
          if (name.endsWith('.json') && jsonLeft-- <= 0) continue
          if (await looksSecret(join(folder, path), name)) files.push(path)
        }
      }
    }
    level = next
  }
  return answer(files, deeper ? `below ${maxLevels} levels of folders` : null)
}

const answer = (files: string[], stopped: string | null): SecretSearch => ({
  files: files.toSorted(),
  stopped: stopped && `The search for files that look like secrets ended ${stopped}; there may be more.`,
})

async function looksSecret(path: string, name: string): Promise<boolean> {
  if (harmless.test(name)) return false
  if (byName.some((pattern) => pattern.test(name))) return true
  const rule = byContent.find((other) => other.name.test(name))
  return rule !== undefined && rule.content.test((await readSmallText(path, 16_384)) ?? '')
}

async function list(path: string): Promise<Dirent[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
