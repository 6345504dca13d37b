import { pino, type Logger } from 'pino'

export type { Logger }

/** Structured lines on standard error, so that standard output stays for what `serve` prints to people. */
export const openLog = (level: string): Logger => pino({ level, base: null }, pino.destination(2))
