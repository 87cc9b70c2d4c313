import type { Preferences } from '../../../protocol/app.ts'
import type { AgentSpec } from '../../../protocol/sessions.ts'
import type { FolderFacts } from '../../../protocol/workspace.ts'
import { type Locks, permittedPreset, type StartPreset } from './permitted.ts'
import { splitArgv } from './split-argv.ts'

export type HouseSpec = Extract<AgentSpec, { kind: 'house' }>
export type Provider = HouseSpec['provider']

/** What the person chose on the way to a session. Texts are kept as typed; `readAgent` reads them. */
export type Setup = {
  readonly preset: StartPreset
  /** `preset`: as the preset, or config.toml, says. */
  readonly policy: 'preset' | 'untrusted' | 'never'
  readonly keepSecretsUnread: boolean
  readonly trust: boolean
  readonly agent: AgentSpec['kind']
  readonly house: {
    readonly provider: Provider
    readonly baseUrl: string
    readonly model: string
    readonly contextTokens: string
  }
  readonly commandLine: string
  readonly prompt: string
}

export const demoPrompt = 'The retries wait far too long. Cap the waits, keep the tests green, and commit.'

const defaultContext: Record<Provider, number> = {
  anthropic: 200_000,
  google: 1_000_000,
  'openai-compatible': 128_000,
}

/** What would be chosen if nothing were locked. */
export function wantedPreset(facts: FolderFacts, { defaultPreset }: Preferences): StartPreset {
  const wanted = defaultPreset === 'recommended' ? facts.recommended : defaultPreset
  return wanted === 'auto' ? 'auto' : 'read-only'
}

/** @param locks what is locked here; null when that is not known, and the host decides at the start */
export function initialSetup(
  facts: FolderFacts,
  preferences: Preferences,
  demo: boolean,
  locks: Locks | null = null,
): Setup {
  const { house } = preferences
  const wanted = wantedPreset(facts, preferences)
  return {
    preset: permittedPreset(wanted, locks) ?? wanted,
    policy: 'preset',
    keepSecretsUnread: true,
    trust: false,
    agent: demo ? 'demo' : house === null ? 'demo' : 'house',
    house: {
      provider: house?.provider ?? 'anthropic',
      baseUrl: house?.baseUrl ?? '',
      model: house?.model ?? '',
      contextTokens: String(house?.contextTokens ?? defaultContext.anthropic),
    },
    commandLine: '',
    prompt: demo ? demoPrompt : '',
  }
}

/** Another provider means another address, model and size: nothing of the old one is carried over. */
export const withProvider = (setup: Setup, provider: Provider): Setup => ({
  ...setup,
  house: { provider, baseUrl: '', model: '', contextTokens: String(defaultContext[provider]) },
})

/** Names of fields that cannot be used as they are, with what to do about it. */
export type SetupProblems = Partial<Record<'baseUrl' | 'model' | 'contextTokens' | 'commandLine', string>>
export type ReadAgent =
  | { readonly ok: true; readonly agent: AgentSpec }
  | { readonly ok: false; readonly problems: SetupProblems }

/** The agent as the host wants it, or what is missing field by field. */
export function readAgent(setup: Setup): ReadAgent {
  switch (setup.agent) {
    case 'demo':
      return { ok: true, agent: { kind: 'demo' } }
    case 'terminal': {
      const { argv, problem } = splitArgv(setup.commandLine)
      return problem === null
        ? { ok: true, agent: { kind: 'terminal', argv } }
        : { ok: false, problems: { commandLine: problem } }
    }
    case 'house':
      return readHouse(setup.house)
  }
}

function readHouse(house: Setup['house']): ReadAgent {
  const baseUrl = house.baseUrl.trim()
  const model = house.model.trim()
  const contextTokens = Number(house.contextTokens.replaceAll(/[\s,_]/g, ''))
  const problems: SetupProblems = {
    ...(baseUrl === '' || isHttp(baseUrl)
      ? {}
      : { baseUrl: 'Write a whole address, such as http://127.0.0.1:8080/v1.' }),
    ...(model === '' ? { model: 'Name the model, as its provider writes it.' } : {}),
    ...(model.length > 200 ? { model: 'A model name has at most 200 characters.' } : {}),
    ...(Number.isInteger(contextTokens) && contextTokens >= 2000 && contextTokens <= 4_000_000
      ? {}
      : { contextTokens: 'A whole number from 2,000 to 4,000,000.' }),
  }
  if (Object.keys(problems).length > 0) return { ok: false, problems }
  return { ok: true, agent: { kind: 'house', provider: house.provider, baseUrl, model, contextTokens } }
}

function isHttp(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
}

/** Absolute paths of what must stay unreadable. */
export const deniedReadsOf = (facts: FolderFacts, keepUnread: boolean): string[] =>
  keepUnread ? facts.secrets.map((path) => `${facts.path.replace(/\/$/, '')}/${path}`) : []

/** Why a typed path cannot be opened, or null. The host looks whether it exists. */
export function pathProblem(path: string): string | null {
  if (path.includes('\0')) return 'A path cannot contain a NUL character.'
  if (path.length > 4096) return 'A path has at most 4,096 characters.'
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) return null
  return 'Write the whole path, from the top: /home/you/project.'
}
