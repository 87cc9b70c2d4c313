import { accessSync, constants, readFileSync } from 'node:fs'

export type FoundCgroup = {
  /** A folder in which this user may make a group with limits; "" when there is none. */
  readonly folder: string
  /** Why there is none, in words; "" when there is one. */
  readonly why: string
}

const wanted = ['memory', 'pids'] as const

/**
 * The nearest cgroup v2 folder around this process that was handed to its user: a process can be moved into a
 * new group below it, and memory and pids are controlled there. Nothing is changed to find it out.
 *
 * @param files where this process tells its mounts and groups; other than /proc only in tests
 */
export function findCgroup(
  files = { mounts: '/proc/self/mountinfo', own: '/proc/self/cgroup' },
): FoundCgroup {
  const none = (why: string): FoundCgroup => ({ folder: '', why })
  const mount = unifiedMount(read(files.mounts))
  const own = /^0::(\/.*)$/m.exec(read(files.own))?.[1]
  if (mount === null || own === undefined)
    return none('this system has no unified control groups (cgroup v2)')
  // A group above the root of this mount is shown as `/..`; nothing of it can be reached here.
  if (`${own}/`.includes('/../'))
    return none('the control group of this process lies outside what is mounted')
  const base = mount.root === '/' ? '' : mount.root
  if (!`${own}/`.startsWith(`${base}/`)) {
    return none('the control group of this process lies outside what is mounted')
  }
  const inMount = own.slice(base.length)

  let why = ''
  for (let path = inMount.replace(/\/$/, ''); ; path = path.slice(0, path.lastIndexOf('/'))) {
    const folder = `${mount.point}${path}`
    if (!isWritable(folder) || !isWritable(`${folder}/cgroup.procs`)) {
      // Above a folder that is not ours, none is: moving a process needs the right in the common one.
      return none(why || `the control group ${folder} was not handed to this user (systemd: Delegate=yes)`)
    }
    const there = read(`${folder}/cgroup.subtree_control`).trim().split(/\s+/)
    const missing = wanted.filter((name) => !there.includes(name))
    if (missing.length === 0) return { folder, why: '' }
    why ||= `the control group ${folder} does not control ${missing.join(' and ')} for groups below it`
    if (path === '') return none(why)
  }
}

/** Where the cgroup2 file system is mounted, and which part of it. */
function unifiedMount(text: string): { readonly point: string; readonly root: string } | null {
  for (const line of text.split('\n')) {
    // id parent device ROOT POINT options [tags...] - TYPE source options
    const [before, after] = line.split(' - ')
    if (before === undefined || after?.split(' ')[0] !== 'cgroup2') continue
    const [, , , root, point] = before.split(' ').map(unescaped)
    if (root?.startsWith('/') && point?.startsWith('/')) return { root, point: point === '/' ? '' : point }
  }
  return null
}

/** Mount tables write a space and its like as `\040`. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
