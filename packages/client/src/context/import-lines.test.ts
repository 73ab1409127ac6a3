import { describe, expect, it } from 'vitest';
import { importsIn, isImported } from './import-lines.ts';

const found = (text: string, language: string) =>
  importsIn(text, language).imports.map(({ module, names }) => [module].concat(names));

describe('import lines', () => {
  it.each([
    ['typescript', `import a, { type B, c as d } from './x.ts';`, [['./x.ts', 'a', 'B', 'c']]],
    [
      'typescript',
      `import {\n  one, // first\n  two,\n} from "../y";\nexport * from './z';`,
      [['../y', 'one', 'two'], ['./z']],
    ],
    ['javascript', `const { e, f } = require('g');\nimport 'side-effect';`, [['g', 'e', 'f'], ['side-effect']]],
    ['javascript', `const importance = 'high';\nimport('./lazy.js');`, []],
    [
      'python',
      'from .models import (\n  Order,\n  Row as R,\n)\nimport os.path',
      [['./models', 'Order', 'Row'], ['os/path']],
    ],
    ['python', 'from ..db.core import connect', [['../db/core', 'connect']]],
    ['go', 'import (\n\t"fmt"\n\tdb "example.com/app/internal/db"\n)', [['fmt'], ['example.com/app/internal/db']]],
    ['java', 'import static com.acme.Order;\nimport com.acme.util.*;', [['com/acme/Order'], ['com/acme/util']]],
    ['kotlin', 'import com.acme.Order', [['com/acme/Order']]],
    ['rust', 'use crate::store::{Order, Row};\nmod draft;', [['crate/store', 'Order', 'Row'], ['draft']]],
    ['c', '#include "util/list.h"\n# include <stdio.h>', [['util/list.h'], ['stdio.h']]],
    ['csharp', 'using Acme.Orders;\nusing var file = Open();', [['Acme/Orders']]],
    ['php', 'use Acme\\Orders\\Order;', [['Acme/Orders/Order']]],
    ['ruby', "require_relative 'lib/order'", [['lib/order']]],
    ['elixir', 'alias Acme.{Order, Row}', [['Acme', 'Order', 'Row']]],
    ['plaintext', "import a from 'b'", []],
    ['constructor', "import a from 'b'", []],
  ])('of %s: %s', (language, text, imports) => {
    expect(found(text, language)).toEqual(imports);
  });

  it('are found in time whatever stands there', () => {
    const started = performance.now();
    for (const piece of [
      'import ',
      'import {',
      'from x import (',
      'const a = ',
      'use a::{',
      '"',
      'require(',
      'import a from ',
      '\n',
    ])
      for (const language of ['typescript', 'python', 'rust', 'lua', 'java', 'go'])
        importsIn(piece.repeat(20_000), language);
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('an imported file', () => {
  it.each([
    ['./x.ts', 'src/x.ts', true],
    ['./x.js', 'src/x.ts', true],
    ['./x', 'src/x/index.ts', true],
    ['./x', 'lib/x.ts', false],
    ['../x', 'x.ts', true],
    ['@/data/load', 'src/data/load.ts', true],
    ['~/load', 'app/load.vue', true],
    ['com/acme/Order', 'src/main/java/com/acme/Order.java', true],
    ['com/acme/Order', 'src/main/java/com/other/Order.java', false],
    ['example.com/app/internal/db', 'internal/db/open.go', false],
    ['util/list.h', 'include/util/list.h', true],
    ['react', 'src/react.ts', true],
    ['crate/store', 'src/store/mod.rs', true],
  ])('%s is %s: %s', (module, path, imported) => {
    expect(isImported({ module, names: [] }, path, 'src/main.ts')).toBe(imported);
  });

  it('may be what is taken from a folder, or a module whose content is named', () => {
    expect(isImported({ module: './models', names: ['order'] }, 'src/models/order.py', 'src/main.py')).toBe(true);
    expect(isImported({ module: 'crate/store/Order', names: [] }, 'src/store.rs', 'src/main.rs')).toBe(false);
    expect(isImported({ module: 'crate/db/store/Order', names: [] }, 'src/db/store.rs', 'src/main.rs')).toBe(true);
  });
});
