import { spawn } from 'node:child_process'

/** The longest a trial may take, in milliseconds. */
const trialMs = 10_000

/**
 * Makes one overlay and deletes a file in it, as a rehearsed command would.
 *
 * @returns null when it worked, else what the machine said
 */
export async function trial(
  launcher: string,
  { root, upper, work }: { readonly root: string; readonly upper: string; readonly work: string },
): Promise<string | null> {
  const child = spawn(launcher, ['--overlay', 'folder', root, upper, work, '--', '/bin/rm', `${root}/file`], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {},
    timeout: trialMs,
    killSignal: 'SIGKILL',
  })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(0, 500)
  })
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', () => resolve(null))
    child.on('close', resolve)
  })
  return code === 0
    ? null
    : words.replace(/^launcher: /, '').trim() || 'This system cannot make throwaway copies.'
}
