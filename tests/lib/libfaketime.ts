import { existsSync } from 'node:fs'

/** Debian's library that shows a process another time; undefined where it is not installed. */
export const LIBFAKETIME = ['x86_64', 'aarch64']
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path))
