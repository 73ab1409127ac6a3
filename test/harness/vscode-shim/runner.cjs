/**
 * Runs in the extension host in the place of the tests: hands over to them and leaves a word on disk when they have passed.
 * Tests are either `run(path): Promise<void>` or `run(path, callback)`, as VS Code has it.
 */
const { writeFileSync } = require('node:fs');

const { GHOSTLINE_SHIM_TESTS: tests, GHOSTLINE_SHIM_PROOF: proof } = process.env;

exports.run = (_runner, callback) => {
  console.log('vscode-shim: tests start');
  const testModule = require(tests);
  const run = testModule.run ?? testModule.default?.run;
  if (typeof run !== 'function') throw new Error(`${tests} does not export run()`);
  const leaveWord = (error, failures) => writeFileSync(proof, !error && !(failures > 0) ? 'passed' : 'failed');
  const result = run(tests, (error, failures) => {
    leaveWord(error, failures);
    callback?.(error, failures);
  });
  return result?.then(
    () => leaveWord(),
    (error) => {
      leaveWord(error);
      throw error;
    },
  );
};
