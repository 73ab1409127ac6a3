/** An inference endpoint as a process of its own, to be killed: says a token every few milliseconds, thirty in all. */
import process from 'node:process';
import { startScriptedServer } from '@ghostline/inference/testing';

const TOKENS = Array.from({ length: 30 }, (_, index) => ` t${index}`);
const BETWEEN_TOKENS_MS = 15;

const server = await startScriptedServer({
  tokens: () => TOKENS,
  beforeToken: () => new Promise((resolve) => setTimeout(resolve, BETWEEN_TOKENS_MS)),
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: server.url });
