import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'vitest'
import type { Place } from '../support/lab.ts'
import type { Row } from '../support/row.ts'

const put = (path: string, text = 'as it was\n') => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
const works = (_: Place, answer: { exitCode: number | null; output: string }) =>
  expect(answer.exitCode, answer.output).toBe(0)

const standIns = ['.claude', '.gemini', '.qwen', '.opencode', '.cursor', '.aws', '.vscode']
const folders = [...standIns, '.idea', '.devcontainer', '.circleci', '.husky']
const deepFolders = ['.github/workflows', '.github/actions', '.yarn/releases', '.yarn/plugins']
const files = [
  '.mcp.json',
  '.devcontainer.json',
  '.gitlab-ci.yml',
  '.pre-commit-config.yaml',
  '.lefthook.yml',
  'lefthook.yml',
  '.envrc',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  '.pnpmfile.cjs',
  'pnpmfile.js',
]
const deepFiles = ['.cargo/config.toml', '.cargo/config', '.mvn/jvm.config', '.mvn/extensions.xml']

const hooksPath = (place: Place, value: string) =>
  writeFileSync(`${place.ws}/.git/config`, `[core]\n\trepositoryformatversion = 0\n\thooksPath = ${value}\n`)
const nested = (place: Place, ...paths: string[]) => ({
  found: { gitDirs: paths.map((path) => `${place.ws}/${path}`), hardLinks: [], cut: null },
})
const homeIsRoot = (place: Place) => ({ home: place.ws })

/** What runs later, outside the boundary, stays as it is. */
export const protectedRows: readonly Row[] = [
  ...folders.map((name) => ({
    promise: `an existing ${name} can neither be changed nor moved away`,
    attempt: `echo x > ${name}/settings.json || echo x > ${name}/new || $TRY rename ${name} away`,
    prepare: (place: Place) => put(`${place.ws}/${name}/settings.json`),
  })),
  ...standIns.map((name) => ({
    promise: `an absent ${name} cannot be made, and nothing of it stays`,
    attempt: `rmdir ${name} 2>/dev/null; $TRY rename ${name} away; mkdir -p ${name} && touch ${name}/settings.json`,
    after: (place: Place) => expect(readdirSync(place.ws).toSorted()).toEqual(['.git', 'file']),
  })),
  ...deepFolders.map((name) => ({
    promise: `${name} can neither be changed nor moved, alone or with its parent`,
    attempt: `echo x > ${name}/one || touch ${name}/new || $TRY rename ${name} away || $TRY rename ${dirname(name)} away`,
    prepare: (place: Place) => put(`${place.ws}/${name}/one`),
  })),
  ...files.map((name) => ({
    promise: `an existing ${name} can neither be changed nor replaced`,
    attempt: `echo x >> ${name} || mv -f file ${name} || $TRY rename ${name} away || { rm -f ${name} && echo x > ${name}; }`,
    prepare: (place: Place) => put(`${place.ws}/${name}`),
  })),
  ...deepFiles.map((name) => ({
    promise: `an existing ${name} can neither be changed nor replaced, nor its folder`,
    attempt: `echo x >> ${name} || mv -f file ${name} || $TRY rename ${dirname(name)} away`,
    prepare: (place: Place) => put(`${place.ws}/${name}`),
  })),
  {
    promise: 'ordinary files beside protected ones stay free',
    attempt:
      'echo x > README.md && echo {} > package.json && mkdir -p .github/ISSUE_TEMPLATE src && touch .github/CODEOWNERS .gitignore .cargo-ok && mv README.md src/',
    prepare: (place) => put(`${place.ws}/.github/workflows/ci.yml`),
    endsWell: true,
    mayChange: ['ws'],
    after: works,
  },
  {
    promise: 'a folder that core.hooksPath names cannot be changed',
    attempt: 'echo x > tools/hooks/pre-commit || $TRY rename tools away',
    prepare: (place) => {
      put(`${place.ws}/tools/hooks/pre-commit`)
      hooksPath(place, '"tools/hooks" ; where we keep them')
    },
  },
  {
    promise: 'an absent folder that core.hooksPath names cannot be made',
    attempt: 'mkdir -p tools/hooks && touch tools/hooks/pre-commit',
    prepare: (place) => hooksPath(place, 'tools/hooks'),
    after: (place) => expect(readdirSync(place.ws).toSorted()).toEqual(['.git', 'file']),
  },
  {
    promise: 'a hooks folder that the user’s own git configuration names cannot be changed',
    attempt: 'echo x > .ours/pre-commit',
    prepare: (place) => {
      put(`${place.ws}/.ours/pre-commit`)
      put(`${place.out}/.gitconfig`, '[core] hooksPath = .ours\n')
    },
    request: (place) => ({ home: place.out }),
  },
  {
    promise: 'a configuration file that the repository takes in cannot be changed',
    attempt: 'echo "[core] fsmonitor = evil" >> shared.config',
    prepare: (place) => {
      put(`${place.ws}/shared.config`, '[user]\n\tname = a\n')
      put(`${place.ws}/.git/config`, '[includeIf "gitdir:/nowhere/"]\n\tpath = ../shared.config\n')
    },
  },
  {
    promise: 'hooks that an included file names cannot be changed',
    attempt: 'echo x > deep/hooks/pre-push',
    prepare: (place) => {
      put(`${place.ws}/deep/hooks/pre-push`)
      put(`${place.ws}/conf/a`, '[include]\n\tpath = b\n')
      put(`${place.ws}/conf/b`, '[Core]\n\tHooksPath = deep/hooks\n')
      put(`${place.ws}/.git/config`, '[include]\n\tpath = ../conf/a\n')
    },
  },
  {
    promise: 'a nested repository keeps its hooks and its place',
    attempt:
      'echo x > a/b/.git/hooks/post-checkout || $TRY rename a/b/.git a/b/x || $TRY rename a/b a/c || $TRY rename a c',
    prepare: (place) => put(`${place.ws}/a/b/.git/hooks/post-checkout`),
    request: (place) => nested(place, 'a/b/.git'),
  },
  {
    promise: 'a nested pointer file cannot be re-pointed, and what it names is closed',
    attempt: 'echo gitdir: x > sub/.git || echo x > store/config',
    prepare: (place) => {
      put(`${place.ws}/sub/.git`, 'gitdir: ../store\n')
      put(`${place.ws}/store/config`)
    },
    request: (place) => nested(place, 'sub/.git'),
  },
  {
    promise: 'work beside a nested repository goes on',
    attempt: 'echo x > a/b/source && mv a/b/source a/other && mkdir a/b/new && rm a/other',
    prepare: (place) => put(`${place.ws}/a/b/.git/config`),
    request: (place) => nested(place, 'a/b/.git'),
    endsWell: true,
    mayChange: ['ws/a'],
    after: works,
  },
  ...[
    '.bashrc',
    '.profile',
    '.zshenv',
    '.inputrc',
    '.gitconfig',
    '.config/fish/config.fish',
    '.local/bin/ls',
  ].map((name) => ({
    promise: `with the home folder as the workspace ${name} stays as it is`,
    attempt: `echo x >> ${name} || mv -f file ${name}`,
    prepare: (place: Place) => put(`${place.ws}/${name}`),
    request: homeIsRoot,
  })),
  ...['.ssh', '.config/autostart', '.config/systemd'].map((name) => ({
    promise: `with the home folder as the workspace an absent ${name} cannot be made`,
    attempt: `mkdir -p ${name} && touch ${name}/x`,
    prepare: (place: Place) => put(`${place.ws}/.config/other`),
    request: homeIsRoot,
  })),
  {
    promise: 'what a linked .vscode leads to cannot be changed',
    attempt: 'echo x > editor/tasks.json || $TRY rename editor away',
    prepare: (place) => {
      put(`${place.ws}/editor/tasks.json`)
      symlinkSync('editor', `${place.ws}/.vscode`)
    },
  },
  {
    promise: 'a linked .claude is refused before anything starts',
    attempt: 'rm .claude && mkdir .claude && touch .claude/settings.json',
    prepare: (place) => {
      mkdirSync(`${place.out}/shared`)
      symlinkSync('../out/shared', `${place.ws}/.claude`)
    },
    refused: 'protectedPathIsSymlink',
  },
  {
    promise: 'a profile that opens .vscode in so many words opens it',
    attempt: 'echo x > .vscode/settings.json',
    prepare: (place) => put(`${place.ws}/.vscode/settings.json`),
    request: (place) => ({
      access: {
        entries: [
          { path: '/', access: 'read' },
          { path: place.ws, access: 'write' },
          { path: `${place.ws}/.vscode`, access: 'write' },
        ],
        lifted: [`${place.ws}/.vscode`],
      },
    }),
    endsWell: true,
    mayChange: ['ws/.vscode'],
    after: works,
  },
  {
    promise: 'a protected name that a profile opens can be made where it is absent',
    attempt: 'mkdir .codex && touch .codex/config.toml',
    request: (place) => ({
      access: {
        entries: [
          { path: '/', access: 'read' },
          { path: place.ws, access: 'write' },
          { path: `${place.ws}/.codex`, access: 'write' },
        ],
        lifted: [`${place.ws}/.codex`],
      },
    }),
    endsWell: true,
    mayChange: ['ws/.codex'],
    after: (place) => expect(readdirSync(`${place.ws}/.codex`)).toEqual(['config.toml']),
  },
  {
    promise: 'a root inside a protected folder does not open it',
    attempt: 'echo x > .git/hooks/post-commit',
    roots: (place) => [`${place.ws}/.git/hooks`],
  },
]
