import type { z } from 'zod';

/** A schema that the description of the API tells once, under this name. */
export function named<S extends z.ZodType>(id: string, schema: S): S {
  return schema.meta({ id });
}
