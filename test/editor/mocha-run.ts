import Mocha from 'mocha';

export interface TestResults {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly { readonly title: string; readonly message: string }[];
}

/** Runs the tests in these files, printing as it goes. A test that is skipped has failed: nobody would notice otherwise. */
export async function runMocha(files: readonly string[], timeoutMs: number): Promise<TestResults> {
  const mocha = new Mocha({ ui: 'bdd', reporter: 'spec', color: false, timeout: timeoutMs });
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  let passed = 0;
  const failures: { title: string; message: string }[] = [];
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', () => (passed += 1));
    runner.on('fail', (test, error: Error) => {
      failures.push({ title: test.fullTitle(), message: error.stack ?? error.message });
    });
    runner.on('pending', (test) => failures.push({ title: test.fullTitle(), message: 'skipped' }));
  });
  return { passed, failed: failures.length, failures };
}
