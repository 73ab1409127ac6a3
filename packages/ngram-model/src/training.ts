/** The inside of the model, for whoever fits its weights. */
export { mayStand } from './choose.ts';
export { confidenceFeatures, confidenceWeights, surroundingsOf } from './confidence.ts';
export { FEATURES, PLACE_TABLES } from './features.ts';
export { lex } from './lexer.ts';
export { contextOf } from './places.ts';
export { ESCAPE_TABLES, createPredictor, escapeIndexes, escapeWeights, placeWeights } from './predict.ts';
export { type Found, search } from './search.ts';
export { type Stream, readTexts } from './stream.ts';
export { createVocabulary } from './vocabulary.ts';
