import { describe, expect, it } from 'vitest';
import { type NgramRequest, completeFromContext } from './index.ts';

/** The candidates for an editor drawn with its cursor as █. Time stands still: the deadline has tests of its own. */
function complete(drawn: string, options: Partial<NgramRequest> = {}) {
  const [prefix = '', suffix = ''] = drawn.split('█');
  const request = { prefix, suffix, snippets: [], maxChars: 400, candidates: 1, singleLine: true, ...options };
  return completeFromContext(request, () => 0);
}

const first = (drawn: string, options?: Partial<NgramRequest>) => complete(drawn, options)[0]?.text;

const SHAPES = `import { area } from './geometry.ts';
import { draw } from './canvas.ts';

export function addCircle(scene, options) {
  const circle = createCircle(options);
  if (!circle) throw new Error('no circle');
  scene.add(circle);
  return circle;
}

export function addSquare(scene, options) {
  const square = createSquare(options);
  if (!square) throw new Error('no square');
  scene.add(square);
  return square;
}
`;

const RENDERERS = ['All', 'Some', 'None', 'Twice']
  .map(
    (name) => `export function render${name}(scene, shapes) {
  scene.begin();
  for (const shape of shapes) {
    shape.update(clock);
    shape.draw(canvas);
  }
  scene.end();
}

`,
  )
  .join('');

/** Text again and again, each time with something of its own behind it, as code has. */
function scattered(...texts: readonly string[]): string {
  return ['red', 'blue', 'green', 'white']
    .flatMap((color) => texts.map((text, index) => `${text}paint${index}(${color});\n`))
    .join('');
}

describe('the continuation', () => {
  it('is what stands elsewhere after the same text', () => {
    expect(first(`${SHAPES}\nimport { draw } from █`)).toBe("'./canvas.ts';");
    expect(first(`import { draw } from █\n`, { snippets: [SHAPES] })).toBe("'./canvas.ts';");
    expect(first(`export function renderFirst(scene, shapes) {\n  scene.█\n}\n\n${RENDERERS}`)).toBe('begin();');
  });

  it('finishes the word at the cursor', () => {
    expect(first(`${SHAPES}\nimport { draw } from './can█`)).toBe("vas.ts';");
    expect(first(`${SHAPES}\nimport { draw } fr█`)).toBe("om './canvas.ts';");
  });

  it('does not repeat a blank that has been typed, and adds the one that has not', () => {
    expect(first(`${SHAPES}\nimport { draw } from█`)).toBe(" './canvas.ts';");
  });

  it('takes over names as the block it follows exchanged them', () => {
    const begun = `${SHAPES}
export function addTriangle(scene, options) {
  const triangle = createTriangle(options);
  `;
    expect(first(`${begun}█\n}\n`)).toBe("if (!triangle) throw new Error('no triangle');");
    expect(first(`${begun}if (!triangle) throw new Error('no triangle');\n  █\n}\n`)).toBe('scene.add(triangle);');
  });

  it('derives a name from a part of another one', () => {
    expect(first(`${SHAPES}\nexport function addTriangle(scene, options) {\n  const triangle = █\n}\n`)).toBe(
      'createTriangle(options);',
    );
  });

  it('counts on', () => {
    const cases = [1, 2, 3].map((n) => `  case ${n}:\n    return handle(${n});\n`).join('');
    expect(first(`switch (kind) {\n${cases}  case 4:\n    █\n}`)).toBe('return handle(4);');
    expect(first(`switch (kind) {\n${cases}  █\n}`)).toBe('case 4:');
  });

  it('ends before what stands after the cursor on the line', () => {
    expect(first(`${SHAPES}\nscene.add(circle);\nscene.add(cir█);`)).toBe('cle');
    expect(first(`${SHAPES}\nconst other = createSquare(█);`)).toBe('options');
  });

  it('is one line, or a block when asked for and sure', () => {
    const begun = `${RENDERERS}export function renderLast(scene, shapes) {\n  scene.begin();\n`;
    const loop = `${begun}  for (const shape of shapes) {\n    █\n  }\n  scene.end();\n}\n`;
    expect(first(loop)).toBe('shape.update(clock);');
    expect(first(loop, { singleLine: false })).toBe('shape.update(clock);\n    shape.draw(canvas);');
    expect(first(`${begun}  █\n  scene.end();\n}\n`, { singleLine: false })).toBe(
      'for (const shape of shapes) {\n    shape.update(clock);\n    shape.draw(canvas);\n  }',
    );
  });

  it('closes what is open, and leaves what is closed', () => {
    const begun = `${RENDERERS}export function renderLast(scene, shapes) {\n  scene.begin();\n  for (const shape of shapes) {`;
    const body = '\n    shape.update(clock);\n    shape.draw(canvas);';
    expect(first(`${begun}█\n  scene.end();\n}\n`, { singleLine: false })).toBe(`${body}\n  }`);
    expect(first(`${begun}█\n  }\n  scene.end();\n}\n`, { singleLine: false })).toBe(body);
    // As an editor leaves it that closes brackets by itself.
    expect(first(`${begun}█}\n  scene.end();\n}\n`, { singleLine: false })).toBe(`${body}\n  `);
    expect(first(`${begun}█}\n  scene.end();\n}\n`)).toBeUndefined();
  });

  it('is indented and broken as the text around the cursor', () => {
    const file = RENDERERS.replaceAll('  ', '\t').replaceAll('\n', '\r\n');
    const lines = [
      'class Scene {',
      '\trender(scene, shapes) {',
      '\t\tscene.begin();',
      '\t\tfor (const shape of shapes) {█',
    ];
    const drawn = [...lines, '\t\tscene.end();', '\t}', '}', ''].join('\r\n');
    const body = ['', '\t\t\tshape.update(clock);', '\t\t\tshape.draw(canvas);', '\t\t}'].join('\r\n');
    expect(first(file + drawn, { singleLine: false })).toBe(body);
    expect(first(drawn, { snippets: [RENDERERS, RENDERERS], singleLine: false })).toBe(body);
    // Nothing is indented before the cursor: the snippet shows that tabs are used.
    const head = 'for (const shape of shapes) {█\nend();\n';
    expect(first(head, { snippets: [file, file], singleLine: false })).toMatch(
      /^\n\tshape\.update\(clock\);\n\tshape\./,
    );
  });

  it('closes at its level only, and only what is open', () => {
    const blocks = scattered('each((shape) => {\n  begin(shape);\n  end(shape);\n});\n');
    expect(first(`${blocks}each((shape) => {\n  begin(shape);\n  end(shape);\n█`)).toBe('});');
    expect(first(`${blocks}each((shape) => {\n  begin(shape);\n  end(shape);\n  █`)).not.toBe('});');
    expect(first(`${blocks}begin(shape);\nend(shape);\n█`)).not.toBe('});');
  });

  it('may be a word that stands in another place only', () => {
    const names = scattered('registerConnectionHandler(server);\n', 'registerShutdownHandler(server);\n');
    expect(first(`start();\nregisterShut█\n`, { snippets: [names] })).toBe('downHandler(server);');
  });

  it('ends at the bracket behind the cursor, not at one of its own', () => {
    const calls = scattered('render(scene.first(), canvas);\n');
    expect(first(`${calls}render(█);`)).toBe('scene.first(), canvas');
  });
});

describe('silence', () => {
  it.each([
    ['without any text', '█'],
    ['where much is possible and nothing likely', 'a = one();\nb = two();\nc = three();\nd = four();\ne = █'],
    ['for a line like no other', `${SHAPES}\nperhaps █`],
    ['after a keyword alone', `${SHAPES}\nconst █`],
    ['in the middle of a word', `${SHAPES}\nimport { dr█aw } from './canvas.ts';`],
    ['when the line stands below already', `scene.add(circle);\n█\nscene.add(circle);\n`],
    ['when the rest of the line stands behind the cursor', `draw(a);\ndraw(a);\ndraw(█a);`],
    ['inside an operator or an address', "fetch('https://example.org/a');\nfetch('https:/█/example.org/a');"],
    ['after lines that repeat themselves without end', 'wait();\nwork();\n'.repeat(6) + 'wait();\n█'],
    ['inside a surrogate pair', 'print("👻x");\nprint("👻x");\nprint("\ud83d█'],
  ])('is kept %s', (_, drawn) => {
    expect(complete(drawn)).toEqual([]);
    expect(complete(drawn, { singleLine: false })).toEqual([]);
  });
});

describe('candidates', () => {
  const warn = "open(gate);\nlog.warn('gate is open', { size: gate.size });\nreset();\n";
  const info = "open(gate);\nlog.info('gate was closed', { name: gate.name });\nflush();\n";
  const drawn = `${scattered(warn, info)}open(gate);\nlog.█`;

  it('are as many as asked for, none the beginning of a better one', () => {
    const texts = complete(drawn, { candidates: 5 }).map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(1);
    for (const [index, text] of texts.entries())
      expect(texts.slice(0, index).some((better) => better.startsWith(text))).toBe(false);
    expect(complete(drawn, { candidates: 1 })).toHaveLength(1);
    expect(complete(drawn, { candidates: 0 })).toEqual([]);
  });

  it('say how sure they are: more when more speaks for it', () => {
    const sure = complete(`${scattered('open(door);\nclose(door);\n')}open(door);\n█`)[0]!;
    const lessSure = complete(
      `${scattered('open(door);\nclose(door);\n', 'open(door);\nlock(door);\n')}open(door);\n█`,
    )[0]!;
    expect(sure.text).toBe('close(door);');
    expect(sure.confidence).toBeGreaterThan(lessSure.confidence);
    expect(sure.confidence).toBeLessThanOrEqual(1);
  });

  it('are cut within the limit, at a token, and say so', () => {
    const text = `${scattered('configure(alpha, beta, gamma);\n')}configure(`;
    expect(complete(`${text}█`)[0]).toMatchObject({ text: 'alpha, beta, gamma);', cut: false });
    expect(complete(`${text}█`, { maxChars: 12 })[0]).toMatchObject({ text: 'alpha, beta,', cut: true });
    expect(complete(`${text}█`, { maxChars: 3 })).toEqual([]);
  });
});

describe('text that is no text', () => {
  it('is not proposed, though it stands there', () => {
    const broken = scattered('send("\\ud83d rocket launch");\n').replaceAll('\\ud83d', '\ud83d');
    expect(complete(`${broken}send("█`)).toEqual([]);
  });
});

describe('the deadline', () => {
  const request = {
    prefix: SHAPES.repeat(30) + 'export function addCircle(scene, options) {\n  const circle = ',
    suffix: '\n',
    snippets: [SHAPES.repeat(20), SHAPES.repeat(20)],
    maxChars: 400,
    candidates: 1,
    singleLine: true,
    deadlineMs: 10,
  };

  it('ends the work wherever it strikes', () => {
    let late = 0;
    for (let strikes = 1; strikes < 40; strikes += 1) {
      let calls = 0;
      completeFromContext(request, () => {
        calls += 1;
        return calls > strikes ? 1_000 : 0;
      });
      // Each text that is left and the search ask once more.
      late = Math.max(late, calls - strikes);
    }
    expect(late).toBeLessThanOrEqual(2 + request.snippets.length);
  });

  it('is 30 ms unless told', () => {
    const { deadlineMs: _, ...untold } = request;
    const after = (ms: number) => {
      let calls = 0;
      return completeFromContext(untold, () => ((calls += 1) > 1 ? ms : 0));
    };
    expect(after(15)).toHaveLength(1);
    expect(after(31)).toEqual([]);
  });

  it('leaves the farther texts unread when half of it is over, and answers from the nearer ones', () => {
    const answer = (ms: number) => {
      let calls = 0;
      const texts = { prefix: 'import { draw } from ', suffix: '', snippets: [SHAPES] };
      return completeFromContext({ ...request, ...texts, deadlineMs: 100 }, () => ((calls += 1) > 1 ? ms : 0));
    };
    expect(answer(49)).toHaveLength(1);
    expect(answer(51)).toEqual([]);
  });

  it('does not change an answer that is there in time', () => {
    const answers = [0, 0.0001, 0.001].map((step) => {
      let time = 0;
      return completeFromContext(request, () => (time += step));
    });
    expect(answers[0]).toHaveLength(1);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
});
