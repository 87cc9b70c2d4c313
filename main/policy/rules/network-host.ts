/**
 * The host of a `network_rule` in its plain form: lower case, without port, brackets and trailing dots.
 * `problem` says why it is none. Rules as in Codex: one specific host, no wildcard, URL or path.
 */
export function networkHost(raw: string): { readonly host: string } | { readonly problem: string } {
  const trimmed = raw.trim()
  if (trimmed === '') return { problem: 'The host of a network_rule is empty.' }
  if (/[/?#]/.test(trimmed))
    return { problem: 'The host of a network_rule is a name or an IP address, without scheme or path.' }
  const named = withoutPort(trimmed)
  if (named === null)
    return { problem: `The host ${JSON.stringify(raw)} has brackets or a suffix that do not fit.` }
  const host = withoutDots(named)
    .trim()
    .replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  if (host === '') return { problem: 'The host of a network_rule is empty.' }
  if (host.includes('*'))
    return { problem: 'The host of a network_rule is one specific host; wildcards are not allowed.' }
  if (/\s/u.test(host)) return { problem: 'The host of a network_rule cannot contain blanks.' }
  return { host }
}

function withoutPort(host: string): string | null {
  if (host.startsWith('[')) {
    const end = host.indexOf(']')
    return end === -1 || !/^(?::[0-9]+)?$/.test(host.slice(end + 1)) ? null : host.slice(1, end)
  }
  const colon = host.indexOf(':')
  const single = colon > 0 && colon === host.lastIndexOf(':')
  return single && /^[0-9]+$/.test(host.slice(colon + 1)) ? host.slice(0, colon) : host
}

function withoutDots(host: string): string {
  let end = host.length
  while (end > 0 && host.charAt(end - 1) === '.') end -= 1
  return host.slice(0, end)
}
