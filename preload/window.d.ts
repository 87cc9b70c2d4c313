declare global {
  interface Window {
    /** What the page sees of its surroundings. Absent in a browser. */
    readonly gatehouse?: { readonly kind: 'desktop' }
  }
}

export {}
