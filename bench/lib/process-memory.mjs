import { readFileSync, writeFileSync } from 'node:fs'

/** Linux, in MB of 1000 KiB as the kernel calls them. `peak`: since the start, or since {@link forgetPeak}. */
export function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mb = (field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? NaN) / 1000
  return { now: mb('VmRSS'), peak: mb('VmHWM') }
}

export function forgetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
}
