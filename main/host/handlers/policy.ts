import path from 'node:path'
import type { ConfigValue } from '../../../protocol/config.ts'
import type { HostHandlers } from '../../../protocol/contract.ts'
import type { Lock } from '../../../protocol/policy.ts'
import type { SandboxState } from '../../../protocol/sandbox.ts'
import { type PresetDef, presets, type Settings } from '../../../protocol/settings.ts'
import { userConfig } from '../../config/config-places.ts'
import { writeConfigKey } from '../../config/write-config.ts'
import { inspectFolder } from '../../workspace/inspect-folder.ts'
import type { HostContext } from '../host-context.ts'
import { abilitiesOf } from '../policy/abilities.ts'
import { settingsFrom, valueWords } from '../policy/policy-store.ts'
import { presetChoices } from '../policy/preset-choices.ts'
import { ruleLookupOf } from '../policy/rule-lookup-of.ts'
import { rulesState } from '../policy/rule-rows.ts'

type Topic = Extract<keyof HostHandlers, `policy/${string}`>

const dayMs = 86_400_000

/** Settings with their origins, presets with their locks, and what an agent can do right now. */
export function policyHandlers(context: HostContext): Pick<HostHandlers, Topic> {
  const { policy, sessions, clock, past, uses, home } = context

  const lockOf = async (folder: string | null, preset: PresetDef): Promise<Lock | null> => {
    const { sandboxMode, approvalPolicy } = preset
    const choice = approvalPolicy === 'granular' ? {} : { approvalPolicy }
    const { downgrades } = await policy.effective(folder, { sandboxMode, ...choice })
    const first = downgrades.find((d) => /^(?:sandbox_mode|approval_policy|default_permissions)$/.test(d.key))
    if (!first) return null
    const [, file, line] = /^(.*?)(?::(\d+))?$/.exec(first.setBy) ?? []
    return {
      setBy: path.basename(file ?? first.setBy),
      source: file ? { file, line: Number(line ?? 1) } : null,
      allowed: valueWords(first.allowed),
      reason: first.reason,
    }
  }

  return {
    'policy/watch': (_params, sink) => ({
      snapshot: { revision: policy.revision, problems: [...policy.problems] },
      stop: policy.onChange(({ revision, problems }) => sink.change({ revision, problems: [...problems] })),
    }),
    'policy/config': async ({ folder }) => {
      const { origins, layers, notices, downgrades } = await policy.effective(folder, {})
      return {
        values: origins.map(masked),
        layers: [...layers],
        notices: [...notices],
        downgrades: [...downgrades],
      }
    },
    'policy/setConfig': async ({ key, value }) => {
      const written = await writeConfigKey(
        userConfig({ gatehouseHome: home, systemDir: '' }),
        key.split('.'),
        value,
      )
      if (written.status === 'refused') return { status: 'refused', why: written.problem }
      await policy.check()
      return { status: 'saved' }
    },
    'policy/presets': async ({ sessionId, folder }) => {
      const session = sessionId === null ? null : (sessions.live.get(sessionId) ?? null)
      const place = session?.feed.summary.folder ?? folder
      const now: Settings =
        session?.settings ??
        settingsFrom(await policy.effective(place, {}), {
          preset: 'auto',
          leaseEndsAtMs: null,
          deniedReads: [],
        })
      const nowMs = clock.nowMs()
      const rules = ruleLookupOf(await policy.rules.of(place), place ?? '/', nowMs)
      const locks = new Map<string, Lock | null>()
      for (const preset of presets) locks.set(preset.id, await lockOf(place, preset))
      return presetChoices({
        now,
        nowMs,
        past: past.since(nowMs - 7 * dayMs, place),
        context: { rules, decode: policy.decode },
        lockOf: (preset) => locks.get(preset.id) ?? null,
      })
    },
    'policy/abilities': async ({ sessionId }) => {
      const session = sessions.live.get(sessionId)
      if (!session) return { status: 'refused', why: 'This session has ended; nothing runs in it.' }
      const { folder, title, sandbox } = session.feed.summary
      const nowMs = clock.nowMs()
      const all = await policy.rules.of(folder)
      const facts = await inspectFolder(folder, {
        trusted: context.folders.isTrusted(folder),
        gatehouseHome: home,
      })
      const network = (await policy.effective(folder, {})).settings.permissions.network
      return {
        status: 'answered',
        abilities: abilitiesOf({
          nowMs,
          title,
          folder,
          context: {
            settings: session.settings,
            rules: ruleLookupOf(all, folder, nowMs),
            decode: policy.decode,
          },
          rows: rulesState(all, uses, nowMs, []).rows,
          past: past.since(nowMs - dayMs, folder),
          hosts: network.domains.map(({ pattern, decision }) => ({ pattern, decision })),
          room: session.room,
          sandbox: sandboxWords(sandbox, nowMs),
          secrets: facts.status === 'ok' ? facts.facts.secrets.map((s) => path.join(folder, s)) : [],
        }),
      }
    },
  }
}

/** What goes to a command's or server's environment may be a secret; its value stays in the file. */
const masked = (value: ConfigValue): ConfigValue =>
  /(?:^|\.)(?:env|headers|http_headers|set)(?:\.|$)|key|token|secret|password|credential/i.test(value.key)
    ? { ...value, value: '(in the file)' }
    : value

function sandboxWords(state: SandboxState, nowMs: number): string {
  switch (state.state) {
    case 'verified':
      return `verified ${Math.max(0, Math.round((nowMs - state.atMs) / 1000))} s ago by ${state.probes.length} attempts that were all stopped`
    case 'container':
      return `the ${state.container} container is the boundary: files and network are its own`
    case 'off':
      return 'off: there is no boundary'
    case 'frozen':
      return `not verified: ${state.target}: ${state.detail} Nothing starts.`
    case 'unproven':
      return `not verified: ${state.detail}`
    case 'checking':
    case 'unavailable':
      return 'not verified'
  }
}
