import { describeSharedCache } from './contracts.ts';
import { createMemorySharedCache } from './memory-shared-cache.ts';

describeSharedCache('the memory of a process', () => {
  let time = 1000;
  return {
    cache: createMemorySharedCache(() => time),
    async elapse(ms) {
      time += ms;
    },
  };
});
