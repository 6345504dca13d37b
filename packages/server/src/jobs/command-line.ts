import type { Job } from './job.ts'

/** The command as one line that a POSIX shell reads back as the same command. */
export const commandLine = (command: Job['command']): string =>
  typeof command === 'string' ? command : command.map(quote).join(' ')

function quote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
