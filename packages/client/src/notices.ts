/** Tells the reader of the job's log something once. */
export type Notify = (topic: string, text: string) => void

const MAX_NOTICES = 100

/** `write` gets a whole line; what it throws is nobody's concern. */
export function noticesTo(write: (line: string) => void): Notify {
  const said = new Set<string>()
  return (topic, text) => {
    if (said.has(topic) || said.size >= MAX_NOTICES) return
    said.add(topic)
    const last = said.size === MAX_NOTICES ? ' (no further notices)' : ''
    try {
      write(`plotline: ${text}${last}\n`)
    } catch {
      // A closed stream must not end the job.
    }
  }
}
