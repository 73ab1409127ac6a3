/** The inference endpoint of the benchmark in a process of its own, so that its CPU is not the gateway's. */
import { startScriptedServer } from '@ghostline/inference/testing';
import { reportCpuTo } from './process-cpu.ts';

/** A line of code in tokens, as models stream it. */
const TOKENS = [
  'const',
  ' total',
  ' =',
  ' items',
  '.reduce',
  '((',
  'sum',
  ',',
  ' item',
  ')',
  ' =>',
  ' sum',
  ' +',
  ' item',
  '.price',
  ',',
  ' 0',
  ');',
];

const server = await startScriptedServer({ tokens: () => TOKENS });
reportCpuTo(process, Number(new URL(server.url).port));
