import { z } from 'zod'
import { call, event } from './endpoint.ts'
import { SessionId } from './ids.ts'
import { SandboxProblem } from './sandbox.ts'
import { AgentSpec } from './sessions.ts'
import { Preset } from './settings.ts'

/** What the person chose for the app itself. Kept by the host, so every window shows the same. */
export const Preferences = z.object({
  theme: z.enum(['system', 'day', 'night', 'high-contrast']),
  density: z.enum(['compact', 'default', 'comfortable']),
  diffPalette: z.enum(['safe', 'classic']),
  /** Single letters answer cards while the list or a card has focus. */
  singleKeys: z.boolean(),
  /** Milliseconds an allow can be taken back: routine and notable; serious and critical. 0 to 10,000. */
  undoMs: z.int().min(0).max(10_000),
  undoSeriousMs: z.int().min(0).max(10_000),
  /** Milliseconds a fresh card ignores keys and clicks. Not below 400. */
  armingMs: z.int().min(400).max(5000),
  notifications: z.boolean(),
  defaultPreset: z.enum(['recommended', 'read-only', 'auto']),
  /** The last house agent settings, offered again. */
  house: AgentSpec.options[1].nullable(),
})
export type Preferences = z.infer<typeof Preferences>

export const defaultPreferences: Preferences = {
  theme: 'system',
  density: 'default',
  diffPalette: 'safe',
  singleKeys: true,
  undoMs: 1500,
  undoSeriousMs: 4000,
  armingMs: 600,
  notifications: true,
  defaultPreset: 'recommended',
  house: null,
}

export const HostInfo = z.object({
  version: z.string(),
  /** Where settings, logs and state live. */
  home: z.string(),
  platform: z.string(),
  surroundings: z.enum(['desktop', 'serve']),
  /** The surroundings have a folder picker of their own. */
  picksFolders: z.boolean(),
  /** Where secrets are kept, as a sentence: "the system keychain" or "a file only you can read (…)". */
  secretsKeptIn: z.string(),
  sandbox: z.discriminatedUnion('state', [
    z.object({ state: z.literal('available'), backend: z.string(), version: z.string() }),
    z.object({ state: z.literal('unavailable'), problem: SandboxProblem }),
  ]),
})
export type HostInfo = z.infer<typeof HostInfo>

export const SecretName = z.enum(['model.openai-compatible', 'model.anthropic', 'model.google'])
export type SecretName = z.infer<typeof SecretName>

/** Something the host asks every window to do, such as a click in the application menu. */
export const Command = z.discriminatedUnion('type', [
  z.object({ type: z.literal('show'), page: z.enum(['inbox', 'sessions', 'rules', 'settings', 'start']) }),
  z.object({ type: z.literal('openSession'), id: SessionId }),
  z.object({ type: z.literal('openFolder'), path: z.string().nullable() }),
  z.object({ type: z.literal('choosePreset'), id: SessionId, preset: Preset }),
  z.object({ type: z.literal('palette') }),
])
export type Command = z.infer<typeof Command>

export const appContract = {
  'app/info': call(z.object({}), HostInfo),
  'app/watchPreferences': event(z.object({}), Preferences, Preferences),
  'app/setPreferences': call(Preferences.partial(), Preferences),
  /** What is wrong with the app's own records (preferences, folders). Settings files: `policy/config`. */
  'app/problems': call(z.object({}), z.object({ problems: z.array(z.string()) })),
  'app/commands': event(z.object({}), z.object({}), Command),
  /** Which session this window shows, so that menu and tray speak of the same one. */
  'app/focus': call(z.object({ sessionId: SessionId.nullable() }), z.object({})),
  'app/pickFolder': call(z.object({}), z.object({ path: z.string().nullable() })),
  'app/openLink': call(
    z.object({ url: z.url({ protocol: /^https$/ }) }),
    z.object({ status: z.enum(['opened', 'refused']) }),
  ),
  'secrets/list': call(z.object({}), z.array(z.object({ name: SecretName, stored: z.boolean() }))),
  'secrets/set': call(
    z.object({ name: SecretName, value: z.string().min(1).max(10_000) }),
    z.object({ status: z.enum(['stored', 'refused']), why: z.string().nullable() }),
  ),
  'secrets/remove': call(z.object({ name: SecretName }), z.object({})),
}
