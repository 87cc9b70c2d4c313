import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { locatePath } from './make-action.ts'

let root = ''
beforeEach(() => {
  root = realpathSync(mkdtempSync(`${tmpdir()}/gatehouse-locate-`))
  mkdirSync(`${root}/.github/workflows`, { recursive: true })
  mkdirSync(`${root}/.git/hooks`, { recursive: true })
  writeFileSync(`${root}/.github/workflows/ci.yml`, '')
  symlinkSync('.git/hooks', `${root}/link`)
  symlinkSync('/etc', `${root}/out`)
})
afterEach(() => rmSync(root, { recursive: true }))

test.each([
  ['src/a.ts', 'inside'],
  ['.git/hooks/pre-commit', 'protected'],
  ['link/pre-commit', 'protected'],
  // Agents and editors besides Codex, absent or not.
  ['.claude/settings.json', 'protected'],
  ['.vscode/tasks.json', 'protected'],
  ['.aws/config', 'protected'],
  // What is only watched: closed where it is there, free to be made where it is not.
  ['.github/workflows/ci.yml', 'protected'],
  ['.github/workflows/new.yml', 'protected'],
  ['.github/CODEOWNERS', 'inside'],
  ['.npmrc', 'inside'],
  ['.gitignore', 'inside'],
  ['sub/.claude/settings.json', 'inside'],
  ['out/hosts', 'outside'],
  ['../other', 'outside'],
] as const)('%s is %s', async (below, place) => {
  expect(await locatePath(`${root}/${below}`, [root])).toMatchObject({ place })
})
