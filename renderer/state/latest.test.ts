import { expect, test } from 'vitest'
import { createLatest } from './latest.ts'

function bench() {
  const asked: string[] = []
  const answers: string[] = []
  const problems: string[] = []
  const open = new Map<string, { resolve(text: string): void; reject(why: Error): void }>()
  let pending: (() => void) | null = null
  const latest = createLatest<string, string>({
    run(params) {
      asked.push(params)
      return new Promise((resolve, reject) => open.set(params, { resolve, reject }))
    },
    done: (result) => void answers.push(result),
    failed: ({ message }) => void problems.push(message),
    later(run) {
      pending = run
      return () => void (pending = null)
    },
  })
  const pause = (): void => {
    const run = pending
    pending = null
    run?.()
  }
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
  return { latest, asked, answers, problems, open, pause, settle }
}

test('typing asks once, after the pause', () => {
  const { latest, asked, pause } = bench()
  for (const text of ['g', 'gi', 'git']) latest.ask(text)
  expect(asked).toEqual([])
  pause()
  expect(asked).toEqual(['git'])
})

test('an answer that comes after a newer question is dropped, whichever comes first', async () => {
  const { latest, open, pause, answers, settle } = bench()
  latest.ask('old')
  pause()
  latest.ask('new')
  pause()
  open.get('new')?.resolve('new answer')
  open.get('old')?.resolve('old answer')
  await settle()
  expect(answers).toEqual(['new answer'])
})

test('an answer does not count either while its successor is still waiting for the pause', async () => {
  const { latest, open, pause, answers, settle } = bench()
  latest.ask('old')
  pause()
  latest.ask('new')
  open.get('old')?.resolve('old answer')
  await settle()
  expect(answers).toEqual([])
})

test('a refusal of the last question is told, one of an earlier question is not', async () => {
  const { latest, open, pause, problems, settle } = bench()
  latest.ask('old')
  pause()
  latest.ask('new')
  pause()
  open.get('old')?.reject(new Error('old refusal'))
  open.get('new')?.reject(new Error('new refusal'))
  await settle()
  expect(problems).toEqual(['new refusal'])
})

test('after a stop nothing is sent and nothing is told', async () => {
  const { latest, open, pause, asked, answers, settle } = bench()
  latest.ask('sent')
  pause()
  latest.ask('waiting')
  latest.stop()
  pause()
  open.get('sent')?.resolve('late')
  await settle()
  expect([asked, answers]).toEqual([['sent'], []])
})
