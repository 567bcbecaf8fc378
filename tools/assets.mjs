// Builds what the pages need from static_src/ and the npm packages into src/vovremya/ui/static/ui/.
// Every file bears the digest of its content, so browsers may keep it for ever; assets.json names them.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

const parts = "src/vovremya";
const source = `${parts}/ui/static_src`;
const target = `${parts}/ui/static/ui`;
const packages = ["@fontsource-variable/golos-text", "@tabler/icons", "bootstrap", "htmx.org"];

const entryPoints = [
  `${source}/app.css`,
  `${source}/app.ts`,
  `${source}/theme.ts`,
  `${parts}/board/static_src/live-worker.ts`,
].filter(existsSync);

// A server that is running keeps the files its pages name: only old ones are swept, or all for a wheel.
const keptFor = process.argv.includes("--fresh") ? 0 : 24 * 3600_000;
await mkdir(target, { recursive: true });
for (const name of await readdir(target)) {
  const path = join(target, name);
  if (Date.now() - (await stat(path)).mtimeMs >= keptFor) await rm(path);
}

const { metafile } = await build({
  entryPoints,
  outdir: target,
  entryNames: "[name].[hash]",
  assetNames: "[name].[hash]",
  loader: { ".woff2": "file" },
  plugins: [{ name: "signs", setup: giveSigns }],
  bundle: true,
  minify: true,
  charset: "utf8",
  target: ["chrome111", "edge111", "firefox114", "safari16.4"],
  metafile: true,
  logLevel: "warning",
});

const names = {};
for (const [path, { entryPoint }] of Object.entries(metafile.outputs)) {
  if (entryPoint) names[basename(entryPoint).replace(/\.ts$/, ".js")] = basename(path);
  if (path.endsWith(".woff2")) names[basename(path).replace(/\.\w+(?=\.woff2$)/, "")] = basename(path);
}
const favicon = await readFile(`${source}/favicon.svg`);
const digest = createHash("sha256").update(favicon).digest("hex").slice(0, 8).toUpperCase();
names["favicon.svg"] = `favicon.${digest}.svg`;
await writeFile(join(target, names["favicon.svg"]), favicon);
await writeFile(join(target, "assets.json"), JSON.stringify(names, null, 2) + "\n");
await writeFile(join(target, "icons.svg"), await sprite());
await writeFile(join(target, "third-party.txt"), await licences());

for (const name of await readdir(target)) {
  if (/\.(css|js)$/.test(name)) {
    await writeFile(join(target, `${name}.gz`), gzipSync(await readFile(join(target, name)), { level: 9 }));
  }
}

async function read(name) {
  return JSON.parse(await readFile(`${source}/${name}.json`, "utf8"));
}

async function pathsOf(tabler) {
  const drawing = await readFile(`node_modules/@tabler/icons/icons/${tabler}.svg`, "utf8");
  return drawing
    .slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.lastIndexOf("</svg>"))
    .replace(/<path stroke="none"[^>]*\/>/g, "")
    .replace(/\s*\n\s*/g, "");
}

// `@import "signs.css"`: the ink of each state and its sign in that ink, as an image. An <svg> in each of thousands of
// bars is a tree of its own to lay out and to compose: it took half the time of a change.
function giveSigns(build) {
  build.onResolve({ filter: /^signs\.css$/ }, ({ path }) => ({ path, namespace: "signs" }));
  build.onLoad({ filter: /.*/, namespace: "signs" }, async () => ({ contents: await signs(), loader: "css" }));
}

async function signs() {
  const icons = await read("icons");
  const rules = [];
  for (const [state, token] of Object.entries(await read("signs"))) {
    const paths = await pathsOf(icons[state]);
    const { light, dark } = await inks(token);
    rules.push(`.s-${state} { --k: var(--${token}); --sign: ${image(paths, light)}; }`);
    if (dark !== light) rules.push(`[data-bs-theme="dark"] .s-${state} { --sign: ${image(paths, dark)}; }`);
  }
  return rules.join("\n");
}

async function inks(token) {
  const styles = await Promise.all([`${source}/tokens.css`, `${parts}/board/static_src/board.css`].map((path) => readFile(path, "utf8")));
  const of = (theme) => styles.join("\n").match(new RegExp(`^${theme} \\{[^}]*?--${token}: (#\\w+);`, "m"))?.[1];
  const light = of(":root");
  if (!light) throw new Error(`no token --${token}`);
  return { light, dark: of('\\[data-bs-theme="dark"\\]') ?? light };
}

function image(paths, ink) {
  const stroke = `fill='none' stroke='${ink}' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'`;
  const drawing = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' ${stroke}>${paths.replaceAll('"', "'")}</svg>`;
  return `url("data:image/svg+xml,${drawing.replace(/[%#<>]/g, encodeURIComponent)}")`;
}

async function sprite() {
  const symbols = [];
  for (const [name, tabler] of Object.entries(await read("icons"))) {
    const paths = await pathsOf(tabler);
    const solid = tabler.startsWith("filled/") ? ' fill="currentColor" stroke="none"' : "";
    symbols.push(`<symbol id="i-${name}" viewBox="0 0 24 24"${solid}>${paths}</symbol>`);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" class="sprite" aria-hidden="true">${symbols.join("")}</svg>\n`;
}

async function licences() {
  const texts = [];
  for (const name of packages) {
    const folder = join("node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    texts.push(`${name} ${version} (${license})\n\n${file ? await readFile(join(folder, file), "utf8") : ""}`);
  }
  return texts.join(`\n${"-".repeat(72)}\n\n`);
}
