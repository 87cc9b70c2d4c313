import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of its own for one test, and a shell in it. */
export type TempFolder = {
  readonly path: string
  write(name: string, content: string | Buffer): void
  /** Runs a shell script in the folder, as another process would. Answers what it printed. */
  sh(script: string): string
  remove(): void
}

export function tempFolder(): TempFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-test-')))
  return {
    path,
    write(name, content) {
      mkdirSync(dirname(join(path, name)), { recursive: true })
      writeFileSync(join(path, name), content)
    },
    sh: (script) =>
      execFileSync('/bin/sh', ['-ec', script], {
        cwd: path,
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          HOME: path,
          GIT_AUTHOR_NAME: 'Ann',
          GIT_AUTHOR_EMAIL: 'ann@example.org',
          GIT_COMMITTER_NAME: 'Ann',
          GIT_COMMITTER_EMAIL: 'ann@example.org',
        },
      }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
