// Bundles src/editor.js with its packages into one module, and collects their licences beside it.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const OUT = "../glasstorch_web/static";

const { metafile } = await build({
  entryPoints: ["src/editor.js"],
  outfile: `${OUT}/editor.js`,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  metafile: true,
  banner: { js: "/* Built from webapp/editor (see its README); licences in editor.licences.txt. */" },
});

const packages = new Set(
  Object.keys(metafile.inputs)
    .map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
    .filter(Boolean),
);
const texts = [];
for (const name of [...packages].sort()) {
  const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  const licence = await readFile(`node_modules/${name}/LICENSE`, "utf8");
  texts.push(`${name} ${version}\n\n${licence.trim()}\n`);
}
const rule = `\n${"-".repeat(80)}\n\n`;
await writeFile(`${OUT}/editor.licences.txt`, `editor.js contains these packages.\n${rule}${texts.join(rule)}`);
console.log(`editor.js: ${packages.size} packages`);
