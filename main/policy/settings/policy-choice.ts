import type { PolicyChoice } from '../../../protocol/config.ts'
import { isTable, own } from './layer.ts'

const names: Readonly<Record<string, PolicyChoice>> = {
  untrusted: 'untrusted',
  'on-request': 'on-request',
  /** The old name: running first and asking after a failure is what on-request does. */
  'on-failure': 'on-request',
  never: 'never',
}
const required = ['sandbox_approval', 'rules', 'mcp_elicitations'] as const
const optional = ['request_permissions', 'skill_approval'] as const

/** Reads an approval policy; a sentence about what is wrong otherwise. Source: Codex configuration reference. */
export function readPolicyChoice(
  value: unknown,
): { readonly choice: PolicyChoice } | { readonly wrong: string } {
  if (typeof value === 'string') {
    const choice = Object.hasOwn(names, value) ? names[value] : undefined
    return choice === undefined ? { wrong: policyWords } : { choice }
  }
  if (!isTable(value) || Object.keys(value).length !== 1) return { wrong: policyWords }
  const switches = own(value, 'granular')
  if (!isTable(switches)) return { wrong: policyWords }
  for (const name of Object.keys(switches)) {
    const known = [...required, ...optional].some((other) => other === name)
    if (known && typeof switches[name] !== 'boolean')
      return { wrong: `needs true or false for granular.${name}` }
  }
  const missing = required.find((name) => own(switches, name) === undefined)
  if (missing) return { wrong: `needs granular.${missing} to be set to true or false` }
  const on = (name: (typeof required | typeof optional)[number]): boolean => own(switches, name) === true
  return {
    choice: {
      granular: {
        sandbox_approval: on('sandbox_approval'),
        rules: on('rules'),
        skill_approval: on('skill_approval'),
        request_permissions: on('request_permissions'),
        mcp_elicitations: on('mcp_elicitations'),
      },
    },
  }
}

export const policyWords =
  'must be "untrusted", "on-request", "never" or { granular = { sandbox_approval = …, rules = …, mcp_elicitations = … } }'

export const samePolicy = (a: PolicyChoice, b: PolicyChoice): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

/** The policy in a word or two, for messages. */
export const policyText = (choice: PolicyChoice): string => (typeof choice === 'string' ? choice : 'granular')

/** How much is put to somebody, for choosing the strictest: untrusted asks most, `never` asks nothing. */
export function askingRank(choice: PolicyChoice): number {
  if (choice === 'untrusted') return 3
  if (choice === 'on-request') return 2
  return choice === 'never' ? 0 : 1
}
