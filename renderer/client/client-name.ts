const key = 'gatehouse.client'

/**
 * A random name of this window or tab, stable over reloads, so that the host recognises calls that are sent again.
 * @returns 24 characters of a-z0-9
 */
export function clientName(storage: Storage = sessionStorage): string {
  const known = storage.getItem(key)
  if (known && /^[a-z0-9]{24}$/.test(known)) return known
  const letters = 'abcdefghijklmnopqrstuvwxyz012345'
  const name = Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => letters[byte & 31]).join('')
  storage.setItem(key, name)
  return name
}
