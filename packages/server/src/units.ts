declare const unit: unique symbol

/** Milliseconds since 1970-01-01T00:00:00Z; ranges of it are [from, to). The only clock reading that crosses a function boundary. */
export type UnixMs = number & { readonly [unit]: 'UnixMs' }
/** `j` and 12 of a-z 0-9. */
export type JobId = string & { readonly [unit]: 'JobId' }

export const unixMs = (value: number): UnixMs => value as UnixMs

/** Whether `text` has the form of a job's id; whether such a job exists is another question. */
export const isJobId = (text: string): text is JobId => /^j[a-z0-9]{12}$/.test(text)
