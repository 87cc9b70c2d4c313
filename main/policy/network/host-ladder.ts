import { getDomain } from 'tldts'
import { parseHost } from './parse-host.ts'

/** One scope a card may offer for a host. Each lets through all that the one before does, and what `adds` says. */
export type HostRung = {
  readonly kind: 'hostAndPort' | 'host' | 'subdomains' | 'registrable'
  /** A host pattern; together with `port` it is the whole scope. */
  readonly pattern: string
  readonly port: number | null
  /** For subdomains: the domain itself, which the pattern leaves out and which is a tick of its own. */
  readonly apex: string | null
  readonly adds: string
}

/**
 * The scopes for one host, narrowest first: this port, this host, its siblings, its registrable domain. Never `*`,
 * nothing above a public suffix (also of `github.io` and its like), and for an address only the address.
 * Empty when the host cannot be read.
 */
export function hostLadder(host: string, port: number): readonly HostRung[] {
  const read = parseHost(host)
  if (!read.ok) return []
  const name = read.host.canonical
  const rungs: HostRung[] = [
    { kind: 'hostAndPort', pattern: name, port, apex: null, adds: `${name} on port ${port}` },
    { kind: 'host', pattern: name, port: null, apex: null, adds: `${name} on every port` },
  ]
  if (read.host.address !== null || /(^|\.)localhost$/.test(name)) return rungs

  const registrable = registrableDomain(name)
  if (registrable === null) return rungs
  if (name === registrable) {
    rungs.push({
      kind: 'registrable',
      pattern: `**.${name}`,
      port: null,
      apex: null,
      adds: `every host below ${name}`,
    })
    return rungs
  }
  const parent = name.slice(name.indexOf('.') + 1)
  if (parent !== registrable)
    rungs.push({
      kind: 'subdomains',
      pattern: `*.${parent}`,
      port: null,
      apex: parent,
      adds: `every host below ${parent}`,
    })
  rungs.push({
    kind: 'registrable',
    pattern: `*.${registrable}`,
    port: null,
    apex: registrable,
    adds: `every host below ${registrable}`,
  })
  return rungs
}

/** The part of a name that somebody registered; null for addresses, single labels and public suffixes. */
export const registrableDomain = (name: string): string | null =>
  // tldts takes a name below no known suffix by its last label, as browsers do.
  name.includes('.') ? getDomain(name, { allowPrivateDomains: true, extractHostname: false }) : null
