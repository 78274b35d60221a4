// node validate_plots.mjs [--png DIR] SPEC.vl.json...
// Validates specifications against Vega-Lite's own JSON Schema and compiles and renders each, where every warning is
// an error. --png also writes pictures. Exit status 1 if a specification is wrong.
import fs from 'node:fs';
import path from 'node:path';
import {createRequire} from 'node:module';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import {Resvg} from '@resvg/resvg-js';
import * as vega from 'vega';
import * as vegaLite from 'vega-lite';

const require = createRequire(import.meta.url);
const args = process.argv.slice(2);
const pngAt = args.indexOf('--png');
const pngDir = pngAt < 0 ? null : args.splice(pngAt, 2)[1];
if (args.length === 0) {
  console.error('usage: validate_plots.mjs [--png DIR] SPEC.vl.json...');
  process.exit(2);
}

const schemaFile = path.join(path.dirname(require.resolve('vega-lite')), 'vega-lite-schema.json');
const ajv = new Ajv({strict: false, allErrors: true});
addFormats(ajv);
ajv.addFormat('color-hex', () => true);
const validate = ajv.compile(JSON.parse(fs.readFileSync(schemaFile)));

// Vega's loggers call these; what they say is a fault of the specification.
function collector(problems) {
  const logger = {level: () => logger, info: () => logger, debug: () => logger};
  logger.warn = (...words) => (problems.push(words.join(' ')), logger);
  logger.error = logger.warn;
  return logger;
}

let wrong = 0;
for (const file of args) {
  const problems = [];
  const spec = JSON.parse(fs.readFileSync(file));
  if (!validate(spec)) {
    // The schema is one large anyOf: the deepest places are the telling ones.
    const errors = validate.errors.toSorted((a, b) => b.instancePath.length - a.instancePath.length).slice(0, 5);
    problems.push(...errors.map((e) => `${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`));
  } else {
    try {
      const logger = collector(problems);
      const compiled = vegaLite.compile(spec, {logger}).spec;
      const view = new vega.View(vega.parse(compiled, null), {renderer: 'none', logger});
      const svg = await view.toSVG();
      if (!/<path|<rect|<text/.test(svg)) problems.push('draws nothing');
      if (/NaN|undefined/.test(svg)) problems.push('draws NaN or undefined');
      if (pngDir) {
        fs.mkdirSync(pngDir, {recursive: true});
        const options = {background: 'white', fitTo: {mode: 'zoom', value: 2}, font: {loadSystemFonts: true}};
        const png = new Resvg(svg, options).render().asPng();
        fs.writeFileSync(path.join(pngDir, path.basename(file).replace(/(\.vl)?\.json$/, '.png')), png);
      }
    } catch (error) {
      problems.push(String(error.stack ?? error));
    }
  }
  console.log(`${problems.length ? 'WRONG' : 'ok'}  ${file}`);
  for (const problem of problems) console.log(`       ${problem}`);
  wrong += problems.length ? 1 : 0;
}
process.exit(wrong ? 1 : 0);
