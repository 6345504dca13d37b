import { Type, type Static } from 'typebox'

/** The body of every answer that is not a success. `details` has one entry for each thing at fault, where there are several. */
export const ErrorBody = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    details: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
  }),
})
export type ErrorBody = Static<typeof ErrorBody>
