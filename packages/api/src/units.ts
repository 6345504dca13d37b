import { Type, type TNull, type TSchema, type TUnion } from 'typebox'

export const UnixMs = Type.Number({ description: 'Milliseconds since 1970-01-01T00:00:00Z.' })

export const Nullable = <T extends TSchema>(type: T): TUnion<[T, TNull]> =>
  Type.Union([type, Type.Null()])
