import * as z from 'zod';
import { httpUrl, name, unique } from './fields.ts';

export const Regions = z
  .array(
    z.strictObject({
      name: name('Name of the region'),
      url: httpUrl.meta({ description: 'Where clients reach a gateway in it' }),
    }),
  )
  .max(16)
  .superRefine(unique('name'))
  .meta({
    description:
      'Regions that clients may go to when they are nearer, or this one is away; they must know the same keys',
  });

/** Where clients may go instead; may name its own, so that all regions can have the same list. */
export type RegionsSettings = readonly { readonly name: string; readonly url: string }[];
