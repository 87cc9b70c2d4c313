import { z } from 'zod'
import { ConfigValue, LayerInfo, Notice } from './config.ts'
import { call, event } from './endpoint.ts'
import { AbsolutePath, SessionId } from './ids.ts'
import { Downgrade } from './requirements.ts'
import { PastCase, RuleSource } from './rules.ts'
import { Preset } from './settings.ts'

/** Who took a choice away, in words a person can act on. */
export const Lock = z.object({
  /** The file, or the name the administrator gave it. */
  setBy: z.string(),
  source: RuleSource.nullable(),
  /** What may be chosen instead, in words. */
  allowed: z.string().optional(),
  reason: z.string().nullable(),
})
export type Lock = z.infer<typeof Lock>

/** One preset as the switcher shows it. */
export const PresetChoice = z.object({
  preset: Preset,
  current: z.boolean(),
  lock: Lock.nullable(),
  /** What becomes possible, and what stops being possible or asked, against the present settings. */
  gains: z.array(z.string()),
  losses: z.array(z.string()),
  /** The questions of the last days, judged again with this preset. */
  replay: z.object({
    days: z.int(),
    asks: z.int(),
    wouldAsk: z.int(),
    wouldRun: z.int(),
    wouldForbid: z.int(),
    /** Denied by the person, but would now run without a question. At most 20. */
    deniedThatWouldRun: z.array(PastCase),
  }),
})
export type PresetChoice = z.infer<typeof PresetChoice>

const Cell = z.object({
  text: z.string(),
  /** The line that decides it; null: the preset or the boundary itself. */
  source: RuleSource.nullable(),
})

/** One row of "what can this agent do right now". */
export const Ability = z.object({
  what: z.enum(['read', 'write', 'run', 'network', 'tools', 'secrets']),
  withoutAsking: z.array(Cell),
  asksFirst: z.array(Cell),
  cannot: z.array(Cell),
  decidedBy: z.array(Cell),
})
export type Ability = z.infer<typeof Ability>

export const Abilities = z.object({
  atMs: z.int(),
  title: z.string(),
  rows: z.array(Ability),
  /** The widest thing it can do alone, as a sentence. */
  widest: z.string(),
  /** What was used and what was not in the last 24 hours; sentences. */
  lastDay: z.array(z.string()),
  sandbox: z.string(),
})
export type Abilities = z.infer<typeof Abilities>

/** Settings in force for a folder, each with its origin. */
export const ConfigView = z.object({
  values: z.array(ConfigValue),
  layers: z.array(LayerInfo),
  notices: z.array(Notice),
  downgrades: z.array(Downgrade),
})
export type ConfigView = z.infer<typeof ConfigView>

const Done = z.object({ status: z.literal('saved') })
const Refused = z.object({ status: z.literal('refused'), why: z.string() })

export const policyContract = {
  /** Counts up with every change of configuration, requirements or rules that is in force. */
  'policy/watch': event(
    z.object({}),
    z.object({ revision: z.int(), problems: z.array(Notice) }),
    z.object({ revision: z.int(), problems: z.array(Notice) }),
  ),
  'policy/config': call(z.object({ folder: AbsolutePath.nullable() }), ConfigView),
  /** Sets one key of the person's own config.toml; null removes it. Comments and order are kept. */
  'policy/setConfig': call(
    z.object({ key: z.string().min(1).max(500), value: z.json() }),
    z.discriminatedUnion('status', [Done, Refused]),
  ),
  'policy/presets': call(
    z.object({ sessionId: SessionId.nullable(), folder: AbsolutePath.nullable() }),
    z.array(PresetChoice),
  ),
  'policy/abilities': call(
    z.object({ sessionId: SessionId }),
    z.discriminatedUnion('status', [
      z.object({ status: z.literal('answered'), abilities: Abilities }),
      Refused,
    ]),
  ),
}
