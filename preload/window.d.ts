/** What the page sees of its surroundings. Absent in a browser. */
interface Window {
  readonly gatehouse?: { readonly kind: 'desktop' }
}
