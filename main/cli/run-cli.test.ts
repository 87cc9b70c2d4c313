import { expect, test } from 'vitest'
import { type Command, print, readArguments, type Surroundings, UsageProblem } from './command.ts'
import { runCli } from './run-cli.ts'

const echo: Command = {
  name: 'echo words',
  summary: 'say it again',
  help: 'gatehouse echo words WORD…\n',
  run: async (args, surroundings) => {
    const { values, words, rest } = readArguments(args, {
      loud: { type: 'boolean' },
      times: { type: 'string', multiple: true },
    })
    if (words.length === 0 && rest === null) throw new UsageProblem('Name a word.')
    print(surroundings, { values, words, rest }, values.loud)
    return 0
  },
}
const plain: Command = { ...echo, name: 'echo', run: async () => 1 }
const commands = [echo, plain]

const run = async (...args: readonly string[]) => {
  const said = { out: '', err: '' }
  const code = await runCli(args, commands, around(said))
  return { code, ...said }
}
const around = (said = { out: '', err: '' }): Surroundings => ({
  cwd: '/',
  env: {},
  home: '/home/dana',
  out: (text) => void (said.out += text),
  err: (text) => void (said.err += text),
})

test('the command with the most words is run', async () => {
  expect(await run('echo', 'words', 'a')).toMatchObject({
    code: 0,
    out: '{"values":{},"words":["a"],"rest":null}\n',
  })
  expect(await run('echo', 'other')).toMatchObject({ code: 1 })
})

test('what comes after -- is no option', async () => {
  const { out } = await run('echo', 'words', '--times', '1', '--times=2', '--', '--help', '--', '-x')
  expect(JSON.parse(out)).toEqual({ values: { times: ['1', '2'] }, words: [], rest: ['--help', '--', '-x'] })
})

test('--help prints the help of a command, or of all', async () => {
  expect(await run('echo', 'words', '--help')).toEqual({ code: 0, out: echo.help, err: '' })
  const all = await run('--help')
  expect([all.code, all.err]).toEqual([0, ''])
  expect(all.out).toContain('gatehouse echo words  say it again')
})

// prettier-ignore
test.each<[string, string[], string]>([
  ['nothing', [], 'Usage:'],
  ['a misspelled name', ['ecko'], 'Did you mean `gatehouse echo`?'],
  ['an unknown name', ['quite-different'], 'there is no command `quite-different`.\n'],
  ['an unknown option', ['echo', 'words', '--lout'], "Unknown option '--lout'."],
  ['a missing value', ['echo', 'words', '--times'], "Option '--times <value>' argument missing."],
  ['a missing word', ['echo', 'words'], 'Name a word.'],
])('%s is a usage problem: 2, and nothing on standard output', async (_title, args, words) => {
  const { code, out, err } = await run(...args)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain(words)
})

test('a defect is not a usage problem', async () => {
  const broken: Command = { ...echo, name: 'broken', run: () => Promise.reject(new TypeError('a defect')) }
  await expect(runCli(['broken'], [broken], around())).rejects.toThrow('a defect')
})
