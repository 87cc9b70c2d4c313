import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseLayer, parseToml } from '../../main/config/parse-layer.ts'
import { type Effective, effectiveConfig } from '../../main/policy/settings/effective-config.ts'
import type { ConfigLayer } from '../../main/policy/settings/layer.ts'
import { mutate } from './mutate.ts'
import type { Target } from './target.ts'

const limits = `allowed_sandbox_modes = ["read-only", "workspace-write"]
allowed_approval_policies = ["untrusted", "on-request"]
[permissions.filesystem]
deny_read = ["/home/dana/.ssh"]
[rules]
prefix_rules = [{ pattern = [{ token = "rm" }], decision = "forbidden", justification = "no" }]
`
const wide = 'sandbox_mode = "danger-full-access"\napproval_policy = "never"\n'

const layerOf = (name: ConfigLayer['name'], file: string, text: string): ConfigLayer =>
  parseLayer(name, file, { state: 'text', text })

const effectiveOf = (config: string, requirements: string): Effective =>
  effectiveConfig({
    layers: [layerOf('user', '/home/dana/.gatehouse/config.toml', config)],
    requirements: [layerOf('managed', '/etc/gatehouse/requirements.toml', requirements)],
    cwd: '/home/dana/project',
    gitRoot: null,
    home: '/home/dana',
    tmpdir: null,
    hostName: 'desk',
    trust: 'trusted',
    profile: null,
    session: {},
  })

/**
 * TOML. A configuration that was changed in any way stays within requirements that were not: neither the mode nor
 * the policy that they leave out is in force. Requirements that were changed give full access only where the text is
 * TOML and its own list of modes names it or is not there any more; a text that is no TOML gives nothing.
 */
export function configTargets(): readonly Target[] {
  const corpus = [wide, limits, ...vectorTexts()]
  return [
    {
      name: 'configuration',
      make: (random) => [mutate(random.pick(corpus), corpus, random)],
      check: ([text = ''], once) => {
        const { effective } = once(() => effectiveOf(text, limits))
        if (effective.sandbox.type === 'dangerFullAccess')
          return 'The mode that requirements leave out is in force.'
        if (effective.approvalPolicy === 'never') return 'The policy that requirements leave out is in force.'
        if (!effective.deniedReads.includes('/home/dana/.ssh')) return 'A denied read is open.'
        return null
      },
    },
    {
      name: 'requirements',
      make: (random) => [mutate(limits, corpus, random)],
      check: ([text = ''], once) => {
        const { effective, ok } = once(() => effectiveOf(wide, text))
        if (effective.sandbox.type !== 'dangerFullAccess') return null
        const parsed = parseToml(text)
        if ('why' in parsed) return 'Requirements that are no TOML give full access.'
        const list = Object.hasOwn(parsed.table, 'allowed_sandbox_modes')
          ? parsed.table['allowed_sandbox_modes']
          : null
        if (list === null) return null
        return ok && Array.isArray(list) && list.includes('danger-full-access')
          ? null
          : 'Requirements that do not name full access give it.'
      },
    },
  ]
}

/** Configurations and requirements of the vectors. */
function vectorTexts(): readonly string[] {
  const file = path.resolve(import.meta.dirname, '../../fixtures/vectors/config-requirements.json')
  const found: string[] = []
  JSON.parse(readFileSync(file, 'utf8'), (_key, value: unknown) => {
    if (typeof value === 'string' && /^\s*(?:\[|[\w.-]+ ?=)/m.test(value)) found.push(value)
    return value
  })
  return found
}
