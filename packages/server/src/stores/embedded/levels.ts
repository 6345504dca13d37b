/** Widths of the levels' cells, in ms; level 0 has none: points as received. A file keeps those that it was made with. */
export type Grids = readonly number[]

/**
 * By version of the file. Version 1 had a level of 8 s, which at a sample a second cost half as much again as the points and
 * spared nobody anything: 8000 points are read in 3 ms (docs/BENCHMARKS.md, "disk").
 */
const GRIDS_OF_VERSION: Readonly<Record<number, Grids>> = {
  1: [0, 8000, 64_000, 512_000, 4_096_000, 32_768_000],
  2: [0, 32_000, 256_000, 2_048_000, 16_384_000],
  3: [0, 32_000, 256_000, 2_048_000, 16_384_000],
}
export const VERSION = 3

/** Of a version that this Plotline knows. */
export const gridsOfVersion = (version: number): Grids => GRIDS_OF_VERSION[version] ?? []

export const NEW_GRIDS: Grids = gridsOfVersion(VERSION)

export const gridOf = (grids: Grids, level: number): number => grids[level] ?? 0
export const topLevel = (grids: Grids): number => grids.length - 1

export const CHUNK_POINTS = 1024
/** A chunk that late points made longer is split. */
export const MAX_CHUNK_POINTS = 2 * CHUNK_POINTS
