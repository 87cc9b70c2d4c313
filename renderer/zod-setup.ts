import { z } from 'zod'

// zod looks for `new Function` when a schema is made; the page's policy forbids it, and the try would be reported.
// This must be the first import of the page.
z.config({ jitless: true })
