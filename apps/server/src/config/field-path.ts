/** `['models', 0, 'name']` is what messages call `models[0].name`. */
export type FieldPath = readonly PropertyKey[];

/** Where a field stands in the file, as the beginning of a message: `ghostline.yaml:3:5: `. */
export type Locate = (field: FieldPath) => string;
