/** Widths of the stored levels' cells, in ms; level 0 has none: points as received. */
export const LEVEL_GRIDS_MS: readonly number[] = [0, 8000, 64_000, 512_000, 4_096_000, 32_768_000]
export const TOP_LEVEL = LEVEL_GRIDS_MS.length - 1

export const gridOf = (level: number): number => LEVEL_GRIDS_MS[level] ?? 0

export const CHUNK_POINTS = 1024
/** A chunk that late points made longer is split. */
export const MAX_CHUNK_POINTS = 2 * CHUNK_POINTS
