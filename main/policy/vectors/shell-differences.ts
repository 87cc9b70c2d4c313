import type { CommandJudgement } from '../judge-command.ts'
import type { Difference } from './comparison.ts'

export type ShellDifference = Difference & {
  readonly explains: (judgement: CommandJudgement) => boolean
}

/** Where commands are judged more strictly than by Codex. The first that explains a case names it. */
export const shellDifferences: readonly ShellDifference[] = [
  {
    id: 'rule-behind-syntax',
    what: 'A prompt or forbidden rule speaks for a command behind any shell syntax: redirections, substitutions, loops, wrappers, quotes in its name.',
    why: 'In Codex a trailing `> /dev/null` is enough to get around such a rule.',
    explains: ({ verdict, parts }) =>
      verdict.origin.kind === 'rule' &&
      parts.some(({ match }) => match !== null && match.rule.decision !== 'allow'),
  },
  {
    id: 'forced-delete-everywhere',
    what: 'Forced deletes are found behind command, time, nohup, env, xargs, find, eval, doas, sudo -u and busybox, and in git rm -f.',
    why: 'They delete just as much there; Codex looks at the plain spelling and a few wrappers.',
    explains: ({ verdict }) => verdict.origin.kind === 'forcedDelete',
  },
  {
    id: 'not-inspectable-asks',
    what: 'What cannot be told by reading is asked, except in a session that nobody attends and no rule restricts.',
    why: 'A rule cannot speak for words that are only known at run time.',
    explains: ({ verdict, parts }) =>
      verdict.origin.kind === 'notInspectable' || parts.some(({ uncertain }) => uncertain),
  },
]

export const explainShell = (judgement: CommandJudgement): string | null =>
  shellDifferences.find((one) => one.explains(judgement))?.id ?? null
