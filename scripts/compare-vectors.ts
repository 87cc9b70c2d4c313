import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type ConfigVector, compareVector } from '../main/config/compare-vector.ts'
import { ruleLookupOf } from '../main/host/policy/rule-lookup-of.ts'
import { loadShellGrammar } from '../main/platform/shell-grammar.ts'
import { noFacts } from '../main/policy/action-facts.ts'
import { judgeCommand } from '../main/policy/judge-command.ts'
import { compileRules } from '../main/policy/rules/compile-rules.ts'
import { parseRules } from '../main/policy/rules/parse-rules.ts'
import { createDecoder } from '../main/policy/shell/decode-command.ts'
import { compareDomainRules, type DomainVectors } from '../main/policy/vectors/compare-domain-rules.ts'
import { compareExecpolicy, type ExecpolicyVectors } from '../main/policy/vectors/compare-execpolicy.ts'
import {
  compareRuleShell,
  compareSafeCommands,
  type JudgeShell,
  type RuleShellVectors,
  type SafeCommandVectors,
} from '../main/policy/vectors/compare-shell.ts'
import type { Compared } from '../main/policy/vectors/comparison.ts'
import type { ApprovalPolicy, Settings } from '../protocol/settings.ts'

/** One file of vectors, compared; `compared` null: the folder has no such file. */
export type FileComparison = { readonly file: string; readonly compared: readonly Compared[] | null }

export const visibleVectors = path.resolve(import.meta.dirname, '../fixtures/vectors')

type Comparer = (vectors: unknown, judge: JudgeShell) => readonly Compared[]

const comparers: Readonly<Record<string, Comparer>> = {
  'execpolicy.json': (vectors) => compareExecpolicy(vectors as ExecpolicyVectors),
  'rule-shell-matching.json': (vectors, judge) => compareRuleShell(vectors as RuleShellVectors, judge),
  'safe-commands.json': (vectors, judge) => compareSafeCommands(vectors as SafeCommandVectors, judge),
  'config-requirements.json': (vectors) => (vectors as { cases: ConfigVector[] }).cases.map(compareConfig),
  'domain-rules.json': (vectors) => compareDomainRules(vectors as DomainVectors),
}

/** Compares Gatehouse's judges with what the real Codex was seen to do, file by file. */
export async function compareVectors(folder: string): Promise<readonly FileComparison[]> {
  const judge = await judgeShell()
  return Object.entries(comparers).map(([file, compare]) => {
    const at = path.join(folder, file)
    if (!existsSync(at)) return { file, compared: null }
    return { file, compared: compare(JSON.parse(readFileSync(at, 'utf8')), judge) }
  })
}

function compareConfig(vector: ConfigVector): Compared {
  const { result, fields, listed, effective } = compareVector(vector)
  const refused = vector.startup_error ?? vector.config_read_error ?? vector.thread_start_error
  return {
    title: vector.name,
    result: result === 'agrees' ? 'agree' : result,
    difference: listed,
    codex: refused === undefined ? JSON.stringify(vector.effective) : 'refused',
    ours: `differs in ${fields.join(', ')}: ${JSON.stringify(effective.effective.sandbox)}`,
  }
}

/** The judge that the app asks, for a session in a folder that does not matter. */
async function judgeShell(): Promise<JudgeShell> {
  const decode = createDecoder(await loadShellGrammar())
  const cwd = '/repo'
  return (shell, policy, text) => {
    const set = parseRules(text === '' ? [] : [{ file: 'r0.rules', text }])
    const rules = {
      set,
      compiled: compileRules(set),
      managed: new Set<string>(),
      ofFolder: new Set<string>(),
      digest: '',
    }
    const argv = ['/bin/bash', '-lc', shell]
    const action = { kind: 'command' as const, argv, script: shell, cwd, escalation: null }
    return judgeCommand(action, decode(argv), noFacts, settingsOf(policy), ruleLookupOf(rules, cwd, 0))
  }
}

const settingsOf = (approvalPolicy: ApprovalPolicy): Settings => ({
  sandboxMode: 'workspace-write',
  approvalPolicy,
  preset: null,
  leaseEndsAtMs: null,
  extraWritableRoots: [],
  deniedReads: [],
})
