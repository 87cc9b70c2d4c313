import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TempFolder } from '../testing/temp-folder.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import type { ShadowRepo } from './shadow-repo.ts'
import { openShadowRepo } from './shadow-repo.ts'
import { dropOldCheckpoints } from './tidy-shadow.ts'

let folder: TempFolder
let state: TempFolder
let repo: ShadowRepo

beforeEach(async () => {
  folder = tempFolder()
  state = tempFolder()
  repo = await openShadowRepo(folder.path, state.path, null)
  const tree = await repo.text(['hash-object', '-w', '-t', 'tree', '/dev/null'])
  let refs = ''
  for (let number = 0; number < 23; number++) {
    const date = `${1_700_000_000 + number} +0000`
    const commit = await repo.text(['commit-tree', tree], {
      stdin: Buffer.from('x'),
      env: { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date },
    })
    refs += `create refs/gatehouse/s${number}/1 ${commit}\ncreate refs/gatehouse/s${number}/2 ${commit}\n`
  }
  await repo.git(['update-ref', '--stdin'], { stdin: Buffer.from(refs) })
})
afterEach(() => {
  folder.remove()
  state.remove()
})

const sessions = async () => {
  const refs = await repo.text(['for-each-ref', '--format=%(refname)', 'refs/gatehouse'])
  return new Set(refs.split('\n').map((ref) => ref.split('/')[2]))
}

/** A session that has the folder open, in the process `pid`. */
const atWork = (id: string, pid: number) =>
  state.sh(`cd shadow/*.git/sessions; mkdir ${id}; printf ${pid} > ${id}/pid`)

test('the twenty newest sessions keep their checkpoints', async () => {
  await dropOldCheckpoints(repo, 'own')
  const left = await sessions()
  expect(left.size).toBe(20)
  expect(['s0', 's1', 's2'].some((id) => left.has(id))).toBe(false)
})

test('while another session is at work nothing is dropped', async () => {
  atWork('other', process.pid)
  await dropOldCheckpoints(repo, 'own')
  expect((await sessions()).size).toBe(23)
})

test('what a killed host left behind is removed', async () => {
  atWork('killed', 2 ** 30)
  await dropOldCheckpoints(repo, 'own')
  expect((await sessions()).size).toBe(20)
  expect(existsSync(join(repo.dir, 'sessions/killed'))).toBe(false)
})
