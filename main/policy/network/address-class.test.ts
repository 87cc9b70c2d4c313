import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAddress, readAddress } from './address-class.ts'

// prettier-ignore
test.each([
  ['8.8.8.8', 'public'],
  ['172.32.0.1', 'public'],
  ['127.9.9.9', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['169.254.1.1', 'linkLocal'],
  ['169.254.169.254', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['::ffff:169.254.169.254', 'metadata'],
  ['0.0.0.0', 'unspecified'],
  ['0.0.0.1', 'unspecified'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['100.64.0.1', 'carrierGradeNat'],
  ['192.0.0.1', 'reserved'],
  ['192.0.2.5', 'reserved'],
  ['198.51.100.9', 'reserved'],
  ['203.0.113.7', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['240.0.0.1', 'reserved'],
  ['2606:2800:220:1::1', 'public'],
  ['::1', 'loopback'],
  ['::', 'unspecified'],
  ['fe80::1', 'linkLocal'],
  ['fe80::1%eth0', 'linkLocal'],
  ['fd00::1', 'private'],
  ['fec0::1', 'private'],
  ['ff02::1', 'multicast'],
  ['::ffff:10.0.0.1', 'private'],
  ['::ffff:8.8.8.8', 'public'],
  ['::8.8.8.8', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['3fff::1', 'reserved'],
  ['4000::1', 'reserved'],
  ['::127.0.0.1', 'reserved'],
  ['100::1', 'reserved'],
])('%s is %s', (text, expected) => {
  expect(readAddress(text)?.class).toBe(expected)
})

// prettier-ignore
test.each([
  ['NAT64 around a private address', '64:ff9b::a00:1', 'private', ['10.0.0.1']],
  ['NAT64 around a public one', '64:ff9b::808:808', 'public', ['8.8.8.8']],
  ['NAT64 inside one network', '64:ff9b:1::808:808', 'private', []],
  ['6to4 around a private address', '2002:a00:1::1', 'private', ['10.0.0.1']],
  ['6to4 around a public one', '2002:808:808::1', 'public', ['8.8.8.8']],
  ['Teredo with a client at home', '2001:0:808:808:8000:63bf:f5ff:fffe', 'private', ['8.8.8.8', '10.0.0.1']],
  ['Teredo with public ends', '2001:0:808:808:8000:63bf:f7f7:f7f7', 'public', ['8.8.8.8', '8.8.8.8']],
])('%s is judged by what it wraps', (_title, text, expected, ipv4) => {
  expect(readAddress(text)).toMatchObject({ class: expected, ipv4 })
})

test.each([
  '',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '1.2.3.4.5',
  '256.1.1.1',
  '10.0.0.0/8',
  ':::',
  '1::2::3',
  '[::1]',
  'example.com',
  'fe80::1%',
  '::ffff:0177.0.0.1',
  '::ffff:10.1',
  '%eth0',
])('%j is no address', (text) => {
  expect(isAddress(text)).toBe(false)
})

test('every IPv4 address has the class of its mapped form', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      expect(readAddress(`::ffff:${text}`)?.class).toBe(readAddress(text)?.class)
    }),
    { numRuns: 300 },
  )
})

test('a very long text is no address', () => {
  expect(isAddress('1'.repeat(100_000))).toBe(false)
})

test('nothing throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => void readAddress(text)),
    { numRuns: 300 },
  )
})
