import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  contentSecurityPolicy,
  createStaticFiles,
  type StaticFiles,
  securityHeaders,
} from './static-files.ts'

let base: string
let files: StaticFiles

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'gatehouse-static-'))
  const root = path.join(base, 'renderer')
  await mkdir(path.join(root, 'assets'), { recursive: true })
  await writeFile(path.join(root, 'index.html'), '<!doctype html>')
  await writeFile(path.join(root, 'assets/app-1a2b.js'), 'export {}')
  await writeFile(path.join(root, 'assets/face.woff2'), 'face')
  await writeFile(path.join(root, '.hidden'), 'hidden')
  await writeFile(path.join(base, 'secret.txt'), 'secret')
  await mkdir(path.join(base, 'renderer-old'))
  await writeFile(path.join(base, 'renderer-old/index.html'), 'old')
  await symlink(path.join(base, 'secret.txt'), path.join(root, 'link.txt'))
  files = createStaticFiles(root)
})
afterAll(() => rm(base, { recursive: true, force: true }))

const text = (body: Uint8Array | null): string => new TextDecoder().decode(body ?? new Uint8Array())

test('the root is index.html, never kept by a cache', async () => {
  const answer = await files.answer('GET', '/')
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  })
  expect(text(answer.body)).toBe('<!doctype html>')
})

test.each([
  ['/assets/app-1a2b.js', 'text/javascript; charset=utf-8'],
  ['/assets/app-1a2b.js?v=1#x', 'text/javascript; charset=utf-8'],
  ['/assets/face.woff2', 'font/woff2'],
])('%s has its type and may be cached for good', async (target, type) => {
  expect(await files.answer('GET', target)).toMatchObject({
    status: 200,
    headers: { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' },
  })
})

test('HEAD answers the headers without the body', async () => {
  const answer = await files.answer('HEAD', '/')
  expect(answer).toMatchObject({ status: 200, headers: { 'content-length': '15' }, body: null })
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'get'])('%s is refused', async (method) => {
  expect(await files.answer(method, '/')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
})

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/%252e%252e/secret.txt',
  '/assets/../../secret.txt',
  '/assets/..%5c..%5csecret.txt',
  '/..\\secret.txt',
  '/./index.html',
  '//secret.txt',
  '//etc/passwd',
  '/assets//app-1a2b.js',
  '/index.html/',
  '/index.html%00.js',
  '/index.html\0',
  '/C:/windows/win.ini',
  '/index.html::$DATA',
  '/.hidden',
  '/%',
  '/%zz',
  '/%c0%ae%c0%ae/secret.txt',
  '/\u202eindex.html',
  'index.html',
  'http://elsewhere/index.html',
  '',
  `/${'a'.repeat(2000)}`,
])('%j names no file of the app', async (target) => {
  const answer = await files.answer('GET', target)
  expect(answer.status).toBe(400)
  expect(text(answer.body)).not.toContain('secret\n')
})

test.each(['/link.txt', '/assets', '/absent.js', '/renderer-old/index.html'])(
  '%s is not found',
  async (target) => {
    expect((await files.answer('GET', target)).status).toBe(404)
  },
)

test('every answer, refusals included, carries the same headers', async () => {
  for (const answer of [
    await files.answer('GET', '/'),
    await files.answer('GET', '/absent'),
    await files.answer('GET', '/..'),
    await files.answer('POST', '/'),
  ])
    expect(answer.headers).toMatchObject(securityHeaders)
})

test('the policy lets nothing be loaded from elsewhere or evaluated', () => {
  expect(contentSecurityPolicy).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
      "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
      "object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  )
})
