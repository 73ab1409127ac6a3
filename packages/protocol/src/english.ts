import en from 'zod/v4/locales/en.js';

/** Words for what does not match a schema: `zod/mini` says "Invalid input" of everything unless it is given some. */
export const inEnglish = en().localeError;
